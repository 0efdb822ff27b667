// Keys in the mark fields of a sheet: j and k move, Enter takes the province's mark into a blank field and moves on.
// Counts how many rows have a mark. The page works without it; the server judges every mark.
const form = document.querySelector("[data-sheet]");
const fields = form ? [...form.querySelectorAll("[data-score]")] : [];
const counter = document.querySelector("[data-done]");
let changed = false;

const count = () => {
  if (counter) counter.textContent = fields.filter((one) => /^\d+(\.\d+)?$/.test(one.value.trim())).length;
};

const go = (from, step) => {
  const next = fields[fields.indexOf(from) + step];
  if (!next) return;
  next.focus();
  next.select();
};

const take = (field) => {
  if (field.value.trim() !== "" || !field.dataset.province) return;
  field.value = field.dataset.province;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

const keys = {
  j: (field) => go(field, 1),
  k: (field) => go(field, -1),
  Enter: (field) => {
    take(field);
    go(field, 1);
  },
};

form?.addEventListener("keydown", (event) => {
  const act = event.target.matches("[data-score]") && !event.ctrlKey && !event.metaKey && keys[event.key];
  if (!act) return;
  event.preventDefault();
  act(event.target);
});

form?.addEventListener("input", () => {
  changed = true;
  count();
});

form?.addEventListener("submit", () => {
  changed = false;
});

window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

count();
