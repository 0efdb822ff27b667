// Asks before an irreversible act. data-confirm says what will happen to whom; on a submit button or on a form.
const dialog = document.createElement("dialog");
dialog.className = "confirm";
dialog.setAttribute("aria-labelledby", "confirm-title");
dialog.setAttribute("aria-describedby", "confirm-text");

const body = document.createElement("div");
body.className = "confirm-body";
const title = document.createElement("h2");
title.id = "confirm-title";
const text = document.createElement("p");
text.id = "confirm-text";
body.append(title, text);

const acts = document.createElement("div");
acts.className = "confirm-acts";
const back = document.createElement("button");
back.type = "button";
back.className = "btn btn-secondary";
back.textContent = "返回";
const go = document.createElement("button");
go.type = "button";
acts.append(back, go);
dialog.append(body, acts);

let waiting = null;

const asked = (form, button) =>
  button?.dataset.confirm ? button : form.dataset.confirm ? form : null;

// On the way down, before a form that saves by itself takes the submission.
const ask = (event) => {
  const form = event.target;
  const source = asked(form, event.submitter);
  if (!source || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = { form, button: event.submitter };
  const words = event.submitter?.textContent.trim() || "办理";
  title.textContent = source.dataset.confirmTitle || `确认“${words}”`;
  text.textContent = source.dataset.confirm;
  go.textContent = source.dataset.confirmLabel || words;
  go.className = event.submitter?.classList.contains("btn-danger") ? "btn btn-danger" : "btn btn-primary";
  if (!dialog.isConnected) document.body.append(dialog);
  dialog.showModal();
  back.focus();
};
document.addEventListener("submit", ask, true);

back.addEventListener("click", () => dialog.close());

go.addEventListener("click", () => {
  const { form, button } = waiting;
  dialog.close();
  form.dataset.confirmed = "1";
  form.requestSubmit(button);
  delete form.dataset.confirmed;
});

dialog.addEventListener("close", () => waiting?.button?.focus());
