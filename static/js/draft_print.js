// Shows the button that prints; without scripts the browser's own command prints the same page. What is blank leaves
// no trace on paper: rows of a list without a word, the pattern of an empty date.
for (const button of document.querySelectorAll("[data-draft-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}

window.addEventListener("beforeprint", () => {
  for (const row of document.querySelectorAll("[data-rows] tbody tr")) {
    const filled = [...row.querySelectorAll("input, select")].some((one) => one.value.trim());
    row.classList.toggle("blank-row", !filled);
  }
  for (const day of document.querySelectorAll('input[type="date"]')) {
    day.classList.toggle("blank-control", !day.value);
  }
});
