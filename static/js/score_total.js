// Adds up what stands in the score inputs. It only adds; what counts is judged by the server.
const units = (value) => {
  const text = value.trim();
  return /^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : 0;
};

const words = (sum) => String(sum / 100);

for (const box of document.querySelectorAll("[data-score-total]")) {
  const outputs = [...box.querySelectorAll("[data-total]")];
  const add = () => {
    for (const output of outputs) {
      const group = output.dataset.total;
      const inputs = [...box.querySelectorAll("[data-score]")].filter((one) => !group || one.dataset.score === group);
      output.textContent = words(inputs.reduce((sum, one) => sum + units(one.value), 0));
    }
  };
  box.addEventListener("input", (event) => {
    if (event.target.matches("[data-score]")) add();
  });
  add();
}
