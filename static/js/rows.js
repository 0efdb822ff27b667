// Adds rows to a list field; the server draws one blank row, so the page works without.
const inner = (box) => ({
  count: document.querySelector(`input[name="${CSS.escape(`${box.dataset.rows}-rows`)}"]`),
  body: box.querySelector("tbody"),
});

// Puts a blank row at the end of a list and returns it.
export const addRow = (box) => {
  const { count, body } = inner(box);
  const number = Number(count.value);
  const row = box.querySelector("template").content.cloneNode(true);
  for (const control of row.querySelectorAll("[name]")) {
    control.name = control.name.replace("__row__", number);
    control.id = control.id.replace("__row__", number);
    control.setAttribute("aria-label", `第${number + 1}行${control.getAttribute("aria-label")}`);
  }
  body.append(row);
  count.value = number + 1;
  return body.lastElementChild;
};

for (const box of document.querySelectorAll("[data-rows]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-small add-row";
  button.textContent = "增加一行";
  button.addEventListener("click", () => addRow(box).querySelector("[name]").focus());
  box.after(button);
}
