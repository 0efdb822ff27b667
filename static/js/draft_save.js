// Autosave of the application form and the self-assessment. Without it the save button does the same by form post.
import { Saver } from "./draft/saver.js";
import { Shelf } from "./draft/shelf.js";

const AFTER_KEY = 1200;
const AFTER_MARK = 350;
const AFTER_CHOICE = 250;
const AFTER_LEAVING = 150;
const LEAVING = 1500;
const CHOICES = new Set(["checkbox", "radio", "select-one"]);

const delayOf = (control) =>
  CHOICES.has(control.type) ? AFTER_CHOICE : control.name.startsWith("points-") ? AFTER_MARK : AFTER_KEY;

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

const inside = (saver, event, act) => {
  if (saver.page.filling) return;
  const part = saver.page.partAt(event.target);
  if (part) act(part);
};

const follow = (form, saver) => {
  for (const name of ["input", "change"]) {
    form.addEventListener(name, (event) => inside(saver, event, (part) => saver.typed(part, delayOf(event.target))));
  }
  form.addEventListener("compositionstart", () => (saver.composing = true));
  form.addEventListener("compositionend", (event) => {
    saver.composing = false;
    inside(saver, event, (part) => saver.typed(part, delayOf(event.target)));
  });
  form.addEventListener("focusout", () => {
    if (saver.timer) saver.plan(AFTER_LEAVING);
  });
};

// The button of a part saves and stays; one that leads on saves first and then asks the server where to.
const submit = (form, saver) =>
  form.addEventListener("submit", async (event) => {
    const then = event.submitter?.name === "_then" ? event.submitter.value : "";
    event.preventDefault();
    const clean = await saver.send(true);
    if (!clean || !then || /^(group|section)-/.test(then)) return;
    const plain = document.createElement("form");
    plain.method = "post";
    plain.action = form.action;
    plain.hidden = true;
    for (const [name, value] of [["csrfmiddlewaretoken", saver.token], ["_then", then]]) {
      plain.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(plain);
    plain.submit();
  });

// Another form of the page, such as the one that confirms what is written here, goes after what was typed has been
// saved: else it would take effect without it. A form outside the page's own matter, such as signing out, does not wait
// for long.
const before = (saver) => {
  let passing = false;
  document.addEventListener("submit", async (event) => {
    const other = event.target;
    if (passing || other === saver.form || event.defaultPrevented || other.method === "dialog" || !saver.open) return;
    event.preventDefault();
    const sent = saver.send(true);
    if (other.closest("main")) {
      await sent;
      if (saver.open) return saver.lead();
    } else await Promise.race([sent, wait(LEAVING)]);
    passing = true;
    resubmit(other, event.submitter);
    passing = false;
  });
};

// Submits once more what the person has pressed and, where that was asked, confirmed.
const resubmit = (form, button) => {
  form.dataset.confirmed = "1";
  form.requestSubmit(button);
  delete form.dataset.confirmed;
};

const leadsAway = (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return null;
  return link.pathname === location.pathname && link.hash ? null : link;
};

const leave = (saver) => {
  document.addEventListener("click", async (event) => {
    const link = leadsAway(event);
    if (!link || saver.state || !saver.shelf.all().size) return;
    event.preventDefault();
    await Promise.race([saver.send(true), wait(LEAVING)]);
    location.assign(link.href);
  });
  window.addEventListener("pagehide", () => saver.send(true));
  window.addEventListener("beforeunload", (event) => {
    if (!saver.shelf.kept) event.preventDefault();
  });
  window.addEventListener("online", () => saver.wake());
  window.addEventListener("focus", () => saver.wake());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) saver.refresh();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && saver.timer) saver.send(true);
  });
};

Shelf.clean();
for (const form of document.querySelectorAll("form[data-draft]")) {
  const saver = new Saver(form);
  follow(form, saver);
  submit(form, saver);
  before(saver);
  leave(saver);
  saver.start();
}
