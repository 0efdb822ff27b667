// Answers taken over from the last cycle: confirmed one by one without leaving the page. Without it the button posts
// the form. An answer that was changed and saved needs no confirmation any more.
const form = document.querySelector("form[data-draft]");
const counters = [...document.querySelectorAll("[data-carried]")];

const settle = (prompts) => {
  for (const prompt of prompts) prompt.remove();
  for (const counter of counters) {
    const place = counter.dataset.carried ? document.getElementById(counter.dataset.carried) : form;
    const left = place.querySelectorAll(".field-prompt").length;
    for (const figure of counter.querySelectorAll("[data-count]")) figure.textContent = left;
    counter.hidden = !left;
  }
};

const promptsOf = (button) => {
  const prompt = button.closest(".field-prompt");
  return prompt ? [prompt] : [...button.closest("section").querySelectorAll(".field-prompt")];
};

const next = (button) => {
  const buttons = [...form.querySelectorAll(".field-prompt [data-prompt]")];
  return buttons.find((other) => button.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
};

const confirm = async (button) => {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, _then: button.value });
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const goal = next(button);
    settle(promptsOf(button));
    goal?.focus();
  } catch {
    form.requestSubmit(button); // the form's own way knows what to do: sign in again, or wait for the line
  }
};

if (form && form.querySelector("[data-prompt]")) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-prompt]");
    if (!button) return;
    event.preventDefault();
    confirm(button);
  });
  new MutationObserver(() => {
    const changed = [...form.querySelectorAll(".field-prompt")].filter((prompt) =>
      prompt.closest("[data-field]").querySelector(".saved")?.textContent,
    );
    if (changed.length) settle(changed);
  }).observe(form, { childList: true, subtree: true, characterData: true });
}
