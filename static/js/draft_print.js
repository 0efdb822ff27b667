// Shows the button that prints; without scripts the browser's own command prints the same page. On paper a control is
// the text it holds, which wraps and runs on over pages; a row of a list without a word leaves no trace.
const CONTROLS = "form [data-field] :is(input[type=text], input[type=date], select, textarea)";

for (const button of document.querySelectorAll("[data-draft-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}

const words = (control) => {
  if (control.matches("select")) return control.value ? control.selectedOptions[0].textContent : "";
  const day = control.type === "date" && /^(\d{4})-(\d{2})-(\d{2})$/.exec(control.value);
  return day ? `${day[1]}年${Number(day[2])}月${Number(day[3])}日` : control.value;
};

const plain = () => {
  for (const text of document.querySelectorAll(".print-text")) text.remove();
  for (const control of document.querySelectorAll(".print-hidden")) control.classList.remove("print-hidden");
};

window.addEventListener("beforeprint", () => {
  plain();
  for (const control of document.querySelectorAll(CONTROLS)) {
    const text = document.createElement("span");
    text.className = "print-text";
    text.textContent = words(control);
    control.classList.add("print-hidden");
    control.after(text);
  }
  for (const row of document.querySelectorAll("[data-rows] tbody tr")) {
    const filled = [...row.querySelectorAll("input, select")].some((one) => one.value.trim());
    row.classList.toggle("blank-row", !filled);
  }
});

window.addEventListener("afterprint", plain);
