// Shows the button that prints; without scripts the browser's own command prints the same page.
for (const button of document.querySelectorAll("[data-draft-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
