// Draws the verdict anew after a save: the server judges, this only fetches what it says.
import { ask } from "./line.js";

const BETWEEN = 400;

let waiting = false;
let busy = false;

const opened = (box) => new Set([...box.querySelectorAll("details")].flatMap((one, place) => (one.open ? [one.id || place] : [])));

const replace = (box, html) => {
  const open = opened(box);
  const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const root = fresh.content.querySelector("[data-verdict]");
  if (root) box.replaceWith(root);
  else box.replaceChildren(fresh.content);
  [...(root ?? box).querySelectorAll("details")].forEach((one, place) => {
    if (open.has(one.id || place)) one.open = true;
  });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
};

export const judgeAgain = async () => {
  waiting = true;
  if (busy || !document.querySelector("[data-verdict]")) return;
  busy = true;
  while (waiting) {
    waiting = false;
    const place = document.querySelector("[data-verdict]").dataset.verdict || "../verdict/";
    const answer = await ask(new URL(place, location.href), { headers: { Accept: "text/html" } });
    const box = document.querySelector("[data-verdict]");
    if (answer?.ok && !answer.redirected && box) replace(box, await answer.text());
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
  busy = false;
};
