// A review by keyboard, what a row rests on beside it, phrases for the opinion. All of it can be done without.
import { Pane } from "./review/pane.js";
import { Counts, isBlank, lacksReason, markOf, tell, wantsAttention } from "./review/words.js";

const typing = (target) => target.matches("input:not([data-score]), textarea, select, [contenteditable]");

// The server says after each save what may be done now: from its fragment into the bar.
const followActs = () => {
  const main = document.querySelector("main");
  new MutationObserver(() => {
    const fresh = main.querySelector("[data-acts-now]");
    const bar = main.querySelector("[data-acts]");
    if (!fresh || !bar) return;
    const open = bar.querySelector(".closed-acts")?.open;
    if (!bar.contains(document.activeElement)) {
      bar.replaceChildren(...fresh.childNodes);
      if (open) bar.querySelector(".closed-acts").open = true;
    }
    fresh.remove();
  }).observe(main, { childList: true, subtree: true });
};

const phrases = () => {
  const text = document.getElementById("opinion_text");
  for (const button of document.querySelectorAll("[data-phrase]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      text.setRangeText(button.previousElementSibling.textContent, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
  }
};

const start = (form) => {
  const rows = [...form.querySelectorAll("[data-row]")];
  const pane = new Pane(form);
  const counts = new Counts(rows);
  const help = document.querySelector("[data-keys]");
  const field = (row) => row.querySelector("[data-score]");
  const reason = (row) => row.querySelector(".row-reason textarea");
  let current = null;

  const take = (row) => {
    if (row === current) return;
    current?.classList.remove("row-current");
    current = row;
    row.classList.add("row-current");
    pane.show(row);
  };
  const go = (row) => {
    if (!row) return;
    take(row);
    field(row).focus({ preventScroll: true });
    field(row).select();
    row.scrollIntoView({ block: "center" });
  };
  const write = (row) => {
    row.querySelector(".row-reason").open = true;
    reason(row).focus();
  };
  // The first key leads to the row in hand, the next ones on from it.
  const step = (by) => {
    const inHand = current?.contains(document.activeElement);
    go(inHand ? rows[rows.indexOf(current) + by] : (current ?? rows[0]));
  };
  const attend = () => {
    const here = rows.indexOf(current) + 1;
    go([...rows.slice(here), ...rows.slice(0, here)].find(wantsAttention));
  };
  const confirmRow = (row) => {
    if (isBlank(row) && row.dataset.below) {
      field(row).value = row.dataset.below;
      field(row).dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (lacksReason(row)) write(row);
    else if (!isBlank(row) && markOf(row) === null) field(row).select();
    else step(1);
  };
  const opine = () => {
    const first = form.querySelector("[name=opinion_stance]:checked") ?? form.querySelector("[name=opinion_stance]");
    document.getElementById("opinion").scrollIntoView({ block: "start" });
    first?.focus({ preventScroll: true });
  };
  const follow = (place, selector) => place?.querySelector(selector)?.click();

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    n: attend,
    s: () => form.requestSubmit(),
    l: () => current && write(current),
    e: () => pane.next(),
    f: () => pane.enlarge(),
    o: opine,
    g: () => follow(document, "[data-next]"),
    r: () => follow(pane.more ?? current, "[data-return]"),
    "?": () => help?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      if (current && event.target === reason(current)) field(current).focus();
      else if (event.target.closest(".opinion")) go(current ?? rows[0]);
      else if (!pane.close()) return;
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && current && event.target === field(current)) {
      event.preventDefault();
      confirmRow(current);
      return;
    }
    if (typing(event.target)) return;
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (/^[0-9]$/.test(event.key) && current && event.target !== field(current)) {
      field(current).focus();
      field(current).select();
    }
  });
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    tell(row);
    counts.show();
  });
  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) take(row);
  });
  form.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    take(row);
    if (!event.target.closest("a, button, input, textarea, summary, details") && !String(getSelection())) {
      field(row).focus({ preventScroll: true });
    }
  });
  const opener = document.querySelector("[data-keys-open]");
  if (opener && help) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }
  if (rows.length) {
    const named = rows.find((row) => `#${row.id}` === location.hash);
    take(named ?? rows.find(wantsAttention) ?? rows[0]);
  }
  window.addEventListener("hashchange", () => {
    const named = rows.find((row) => [`#${row.id}`, `#${field(row).id}`, `#${reason(row).id}`].includes(location.hash));
    if (named) take(named);
  });
};

followActs();
phrases();
for (const form of document.querySelectorAll("form[data-review]")) start(form);
