// Keeps what is typed into a draft of a standard, and puts what the loader says of it now in its place.
const form = document.querySelector("form[data-live]");
const state = document.querySelector("[data-live-state]");
const faults = document.querySelector("[data-live-faults]");
let busy = Promise.resolve();

const say = (words) => {
  if (state) state.textContent = words;
};

// What was added or is to be taken out waits for the button.
const typed = () => {
  const data = new FormData(form);
  for (const control of form.querySelectorAll("[data-not-live]")) {
    data.delete(control.name);
  }
  for (const control of form.querySelectorAll("input[type=hidden][name$='-group']")) {
    data.delete(control.name);
  }
  return data;
};

const save = async () => {
  const answer = await fetch(form.action, { method: "POST", body: typed(), headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) {
    say((told.refused ?? ["没有保存，请刷新页面后重试。"]).join(""));
    return;
  }
  form.elements.namedItem("seen").value = told.seen;
  const fresh = document.createElement("template");
  fresh.innerHTML = told.html;
  faults.replaceChildren(fresh.content);
  say("已保存");
};

if (form && faults) {
  // A button that comes after a field was left waits until that field is kept.
  let open = 0;
  form.addEventListener("submit", (event) => {
    if (!open) return;
    event.preventDefault();
    const by = event.submitter;
    busy.then(() => setTimeout(() => form.requestSubmit(by)));
  });
  form.addEventListener("change", (event) => {
    if (event.target.hasAttribute("data-not-live")) return;
    open += 1;
    busy = busy
      .then(save)
      .catch(() => say("网络不通，没有保存；请按“保存”重试。"))
      .finally(() => {
        open -= 1;
      });
  });
}
