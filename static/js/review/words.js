// The words beside a mark while it is typed, and the counts above the table. It only compares; the server judges.
const figure = (text) => {
  const plain = text.normalize("NFKC").trim();
  return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null;
};

const field = (row) => row.querySelector("[data-score]");
const reason = (row) => row.querySelector(".row-reason textarea");

export const markOf = (row) => {
  const given = figure(field(row).value);
  return given !== null && given <= figure(row.dataset.maximum) ? given : null;
};

const belowOf = (row) => (row.dataset.below ? figure(row.dataset.below) : null);

export const isBlank = (row) => !field(row).value.trim();
export const lacksReason = (row) => {
  const [given, below] = [markOf(row), belowOf(row)];
  return given !== null && below !== null && given !== below && !reason(row).value.trim();
};
export const wantsAttention = (row) => markOf(row) === null || lacksReason(row);

const wordOf = (row) => {
  if (isBlank(row)) return row.dataset.blank;
  const [given, below] = [markOf(row), belowOf(row)];
  if (given === null) return "";
  if (below === null) return "已审核";
  if (given === below) return "一致";
  return `${given > below ? "高于" : "低于"}${row.dataset.belowTitle}${Math.abs(given - below) / 100}分`;
};

export const tell = (row) => {
  const told = row.querySelector("[data-told]");
  const word = wordOf(row);
  const differs = word.includes("高于") || word.includes("低于") || word.includes("差异") || (!isBlank(row) && markOf(row) === null);
  told.textContent = word;
  told.classList.toggle("text-warning", differs);
  told.classList.toggle("strong", differs);
  told.classList.toggle("muted", !differs);
  row.classList.toggle("row-differs", differs);
  const lacks = lacksReason(row);
  const wants = row.querySelector("[data-wants]");
  wants.textContent = lacks ? "须写明理由" : "理由";
  wants.classList.toggle("text-danger", lacks);
  wants.classList.toggle("strong", lacks);
  if (lacks) row.querySelector(".row-reason").open = true;
};

// Moves the figures of the chips along with what was typed since the page was drawn.
export class Counts {
  constructor(rows) {
    this.rows = rows;
    this.was = this.#now();
    this.chips = new Map();
    for (const name of Object.keys(this.was)) {
      const chip = document.querySelector(`a.chip[href="${name}"] .figure`);
      if (chip) this.chips.set(name, [chip, chip.textContent]);
    }
  }

  #now() {
    const found = { "?show=open": 0, "?show=differs": 0 };
    for (const row of this.rows) {
      const given = markOf(row) !== null;
      const part = `#${row.parentElement.id}`;
      found["?show=open"] += given ? 0 : 1;
      found["?show=differs"] += row.classList.contains("row-differs") ? 1 : 0;
      found[part] = (found[part] ?? 0) + (given ? 1 : 0);
    }
    return found;
  }

  show() {
    const now = this.#now();
    for (const [name, [chip, drawn]] of this.chips) {
      const [first, rest] = drawn.split("/");
      const count = Number(first) + now[name] - this.was[name];
      chip.textContent = rest ? `${count}/${rest}` : String(count);
    }
  }
}
