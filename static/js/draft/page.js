// The drawn form as parts: what is typed, kept and sent as one. A part is a field of the application form, or one cell
// of a row of the self-assessment. A unit is what has a version: the field, or the row.
import { addRow } from "../rows.js";

const CELL = /^(points|words|reason)-(.+)$/;
const TICKS = new Set(["checkbox", "radio"]);

const counted = (control) =>
  control.name && !control.name.startsWith("_") && !["file", "submit", "button"].includes(control.type);

const valueOf = (control, drawn) => {
  if (TICKS.has(control.type)) return (drawn ? control.defaultChecked : control.checked) ? control.value : null;
  if (control.localName !== "select") return drawn ? control.defaultValue : control.value;
  if (!drawn) return control.value;
  const chosen = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
  return chosen ? chosen.value : "";
};

const partOf = (box, control) => {
  const cell = CELL.exec(control.name);
  return cell && cell[2] === box.dataset.field ? control.name : box.dataset.field;
};

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Page {
  // `root` is the form on the page, or in a copy of the page that was fetched.
  constructor(root) {
    this.root = root;
    this.parts = new Map();
    for (const box of root.querySelectorAll("[data-field]")) {
      for (const control of box.querySelectorAll("[name]")) {
        if (!counted(control) || control.closest("[data-field]") !== box) continue;
        const name = partOf(box, control);
        if (!this.parts.has(name)) this.parts.set(name, { name, unit: box.dataset.field, box });
      }
    }
  }

  partAt(control) {
    const box = control.closest?.("[data-field]");
    if (!box || !counted(control)) return null;
    return this.parts.get(partOf(box, control)) ?? null;
  }

  controls(part) {
    return [...part.box.querySelectorAll("[name]")].filter(
      (control) => counted(control) && partOf(part.box, control) === part.name,
    );
  }

  // What the part would post; `drawn` asks for what the server had drawn. Null where it is closed for writing.
  pairs(part, drawn = false) {
    const open = this.controls(part).filter((control) => !control.matches(":disabled"));
    if (!open.length) return null;
    return open.map((control) => [control.name, valueOf(control, drawn)]).filter(([, value]) => value !== null);
  }

  // The pairs in the shape in which the server tells a value: text, a list of ticks, a list of rows without blank ones.
  answer(part, pairs) {
    const list = part.box.querySelector("[data-rows]")?.dataset.rows;
    if (!list) return this.controls(part)[0]?.type === "checkbox" ? pairs.map(([, value]) => value) : (pairs[0]?.[1] ?? "");
    const rows = new Map();
    for (const [name, value] of pairs) {
      const [number, column] = name.slice(list.length + 1).split(/-(.*)/);
      if (column) rows.set(number, { ...rows.get(number), [column]: value });
    }
    return [...rows.values()].filter((row) => Object.values(row).some((value) => value.trim()));
  }

  has(part) {
    return part.box.contains(document.activeElement) && this.controls(part).includes(document.activeElement);
  }

  // Puts pairs into the controls, with as many rows as they need, and lets the small helps of the page know.
  fill(part, pairs) {
    const wanted = new Map();
    for (const [name, value] of pairs) wanted.set(name, [...(wanted.get(name) ?? []), value]);
    const list = part.box.querySelector("[data-rows]");
    const rows = list && Number(wanted.get(`${list.dataset.rows}-rows`)?.[0]);
    while (rows && Number(part.box.querySelector(`[name$="-rows"]`).value) < rows) addRow(list);
    for (const control of this.controls(part)) {
      const values = wanted.get(control.name) ?? [];
      if (TICKS.has(control.type)) control.checked = values.includes(control.value);
      else {
        const value = values[0] ?? (control.type === "hidden" ? control.value : "");
        control.value = value;
        if (control.type === "date" && control.value !== value) control.type = "text";
        if (control.value !== value) control.value = value;
      }
      this.filling = true;
      control.dispatchEvent(new Event("input", { bubbles: true }));
      this.filling = false;
    }
  }

  get token() {
    return this.root.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  get versions() {
    const found = new Map();
    for (const input of this.root.querySelectorAll("[name=_seen]")) {
      for (const word of input.value.split(/\s+/).filter(Boolean)) {
        const at = word.lastIndexOf(":");
        found.set(word.slice(0, at), Number(word.slice(at + 1)));
      }
    }
    return found;
  }

  set versions(seen) {
    for (const input of this.root.querySelectorAll("[name=_seen]")) {
      input.value = input.value.replace(/(\S+):(\d+)/g, (word, unit) => (seen.has(unit) ? `${unit}:${seen.get(unit)}` : word));
    }
  }
}
