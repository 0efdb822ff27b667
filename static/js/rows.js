// Adds rows to a list field; the server draws one blank row, so the page works without.
for (const box of document.querySelectorAll("[data-rows]")) {
  const name = box.dataset.rows;
  const count = document.querySelector(`input[name="${CSS.escape(`${name}-rows`)}"]`);
  const blank = box.querySelector("template");
  const body = box.querySelector("tbody");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-small add-row";
  button.textContent = "增加一行";
  button.addEventListener("click", () => {
    const number = Number(count.value);
    const row = blank.content.cloneNode(true);
    for (const control of row.querySelectorAll("[name]")) {
      control.name = control.name.replace("__row__", number);
      control.id = control.id.replace("__row__", number);
      control.setAttribute("aria-label", `第${number + 1}行${control.getAttribute("aria-label")}`);
    }
    body.append(row);
    count.value = number + 1;
    body.lastElementChild.querySelector("[name]").focus();
  });
  box.after(button);
}
