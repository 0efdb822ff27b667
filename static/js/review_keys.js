// A review by keyboard. Everything here can be done without it; nothing is judged here.
const PLACE = "review-row";
const form = document.querySelector("[data-review]");

const typing = (target) => target.matches("input:not([data-score]), textarea, select, [contenteditable]");

const start = () => {
  const rows = [...form.querySelectorAll("[data-row]")];
  const told = document.querySelector("[data-unsaved]");
  const write = (row) => {
    reason(row).closest("details").open = true;
    reason(row).focus();
  };
  const field = (row) => row.querySelector("[data-score]");
  const reason = (row) => row.querySelector("textarea");
  const changed = (row) => field(row).value !== field(row).defaultValue || reason(row).value !== reason(row).defaultValue;
  const help = document.querySelector("[data-keys]");
  const opener = document.querySelector("[data-keys-open]");
  let sending = false;
  let last = null;

  const count = () => {
    const number = rows.filter(changed).length;
    if (told) told.textContent = number ? `有${number}项未保存` : "";
    return number;
  };
  const go = (row) => {
    if (!row) return;
    field(row).focus();
    field(row).select();
    row.scrollIntoView({ block: "center" });
  };
  const present = () => rows.find((row) => row.contains(document.activeElement));
  const step = (by) => {
    const here = rows.indexOf(present());
    go(here < 0 ? rows[0] : rows[here + by]);
  };
  const save = () => {
    form.requestSubmit();
  };
  const confirmRow = (row) => {
    const input = field(row);
    if (!input.value.trim()) input.value = row.dataset.below;
    count();
    const differs = row.dataset.below && Number(input.value) !== Number(row.dataset.below);
    if (differs && !reason(row).value.trim()) write(row);
    else step(1);
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    s: save,
    l: (row) => row && write(row),
    e: (row) => row?.querySelector("[data-evidence]")?.click(),
    r: (row) => row && window.location.assign(`${form.dataset.return}?row=${encodeURIComponent(row.dataset.row)}`),
    "?": () => help?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const row = present();
    if (event.key === "Escape" && row && event.target === reason(row)) {
      event.preventDefault();
      field(row).focus();
      return;
    }
    if (event.key === "Enter" && row && event.target === field(row)) {
      event.preventDefault();
      confirmRow(row);
      return;
    }
    if (document.querySelector("dialog[open]") || typing(event.target)) return;
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act(row);
    } else if (/^[0-9]$/.test(event.key) && row && event.target !== field(row)) {
      field(row).focus();
      field(row).select();
    }
  });
  form.addEventListener("input", count);
  form.addEventListener("submit", () => {
    sending = true;
    if (last) sessionStorage.setItem(PLACE, last.dataset.row);
  });
  form.addEventListener("focusin", (event) => {
    last = event.target.closest("[data-row]") || last;
  });
  if (opener && help) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }
  window.addEventListener("beforeunload", (event) => {
    if (!sending && count()) event.preventDefault();
  });
  count();
  // Back to the row at which the review was saved, with what the page says of the saving.
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  const saved = document.querySelector(".messages");
  const row = place && saved && rows.find((one) => one.dataset.row === place);
  if (row) {
    go(row);
    if (told) told.textContent = saved.textContent.trim();
  }
};

if (form) start();
