// Adds up the own marks while one types and says how many rows are blank. It only adds; the server judges.
const mark = (input) => {
  const text = input.value.normalize("NFKC").trim();
  const given = /^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : null;
  return given !== null && given <= Number(input.dataset.maximum) * 100 ? given : null;
};

for (const form of document.querySelectorAll("[data-draft-total]")) {
  const line = form.querySelector("[data-draft-sum]");
  const inputs = [...form.querySelectorAll("[data-score]")];
  const saved = inputs.map((one) => one.value);
  const show = () => {
    const given = inputs.map(mark);
    const sum = given.reduce((total, one) => total + (one ?? 0), 0) / 100;
    const blank = given.filter((one) => one === null).length;
    const changed = inputs.filter((one, place) => one.value !== saved[place]).length;
    const parts = [`现计${sum}/${line.dataset.maximum}`];
    if (blank) parts.push(`${blank}项未打分`);
    if (changed) parts.push(`${changed}项改动未保存`);
    line.textContent = parts.join(" · ");
  };
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-score]")) show();
  });
  show();
  line.hidden = false;
}
