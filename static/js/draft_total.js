// Adds up the own marks while one types and says how many rows are blank. It only adds; the server judges.
// Beside a mark it says whether it is another than the proposed one, and makes room for a reason where it is above.
const mark = (input) => {
  const text = input.value.normalize("NFKC").trim();
  const given = /^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : null;
  return given !== null && given <= Number(input.dataset.maximum) * 100 ? given : null;
};

const compare = (input) => {
  if (!input.dataset.proposed) return;
  const given = mark(input);
  const proposed = Math.round(Number(input.dataset.proposed) * 100);
  const differs = given !== null && given !== proposed;
  const row = input.closest("tr");
  row.classList.toggle("row-differs", differs);
  row.querySelector("[data-differs]").hidden = !differs;
  const reason = row.querySelector(".draft-reason");
  if (reason && given !== null && given > proposed) reason.open = true;
};

for (const form of document.querySelectorAll("[data-draft-total]")) {
  const line = form.querySelector("[data-draft-sum]");
  const inputs = [...form.querySelectorAll("[data-score]")];
  const show = () => {
    const given = inputs.map(mark);
    const sum = given.reduce((total, one) => total + (one ?? 0), 0) / 100;
    const blank = given.filter((one) => one === null).length;
    const parts = [`现计${sum}/${line.dataset.maximum}`];
    if (blank) parts.push(`${blank}项未打分`);
    line.textContent = parts.join(" · ");
  };
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-score]")) return;
    compare(event.target);
    show();
  });
  show();
  line.hidden = false;
}
