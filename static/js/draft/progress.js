// Keeps count, after each save, of how much of every part of the page is filled in; the words are those of the server.
const CIRCLE = "http://www.w3.org/2000/svg";

const filled = (page, part) => {
  if (part.box.matches(".field-invalid")) return false;
  const values = (page.pairs(part) ?? []).filter(([name]) => !name.endsWith("-rows"));
  if (part.name === "commitment") return values.some(([, value]) => value === "true");
  return values.some(([, value]) => value.trim());
};

const figure = (input) => {
  const text = input.value.normalize("NFKC").trim();
  if (input.getAttribute("aria-invalid") || !/^\d+(\.\d{1,2})?$/.test(text)) return null;
  return Math.round(Number(text) * 100);
};

const turn = (ring, done, total) => {
  const drawing = ring.querySelector("svg");
  let arc = drawing.querySelector(".ring-fill");
  if (!arc) {
    arc = document.createElementNS(CIRCLE, "circle");
    const shape = { class: "ring-fill", cx: 10, cy: 10, r: 8, pathLength: 100, transform: "rotate(-90 10 10)" };
    for (const [name, value] of Object.entries(shape)) arc.setAttribute(name, value);
    drawing.append(arc);
  }
  arc.setAttribute("stroke-dasharray", `${total ? Math.round((100 * done) / total) : 0} 100`);
  ring.classList.toggle("ring-full", total > 0 && done >= total);
  ring.lastElementChild.lastChild.data = `${done}/${total}`;
};

const ofFields = (page, section, line) => {
  const asked = [...page.parts.values()].filter(
    (part) => section.contains(part.box) && part.box.querySelector(".field-label .required"),
  );
  const done = asked.filter((part) => filled(page, part)).length;
  line.textContent = `必填${asked.length}项，已填${done}项`;
  return [done, asked.length];
};

const ofMarks = (inputs, line) => {
  const given = inputs.map(figure).filter((one) => one !== null);
  const sum = given.reduce((total, one) => total + one, 0) / 100;
  line.querySelector("[data-given]").textContent = sum;
  line.querySelector("[data-done]").textContent = given.length;
  return [given.length, inputs.length];
};

export const count = (page) => {
  for (const line of page.root.querySelectorAll("[data-progress]")) {
    const section = line.closest("section");
    const marks = [...section.querySelectorAll("[data-score]")];
    const [done, total] = marks.length ? ofMarks(marks, line) : ofFields(page, section, line);
    const ring = document.querySelector(`.side-index a[href="#${CSS.escape(section.id)}"] .ring`);
    if (ring) turn(ring, done, total);
  }
};
