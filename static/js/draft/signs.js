// What the page says of saving: at the field quietly, in the action bar for all of it.
const STOP = "M8 4.6v4M8 11.2v.1M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4z";
const SPACE = "http://www.w3.org/2000/svg";

export const element = (tag, className, ...inside) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
};

export const button = (words, className, pressed) => {
  const made = element("button", className, words);
  made.type = "button";
  made.addEventListener("click", pressed);
  return made;
};

const icon = () => {
  const drawing = document.createElementNS(SPACE, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(document.createElementNS(SPACE, "path"));
  drawing.firstChild.setAttribute("d", STOP);
  return drawing;
};

// Where words under a part go: the field's own place, or the cell of the table.
const placeUnder = (page, part) => {
  const own = part.box.querySelector(".field-control");
  if (own) return own;
  const cell = page.controls(part)[0]?.closest("td");
  return cell?.querySelector(":scope > div") ?? cell ?? part.box;
};

const keyOf = (page, part) =>
  part.box.id.endsWith("-field") ? part.box.id.slice(0, -"-field".length) : page.controls(part)[0]?.id ?? part.name;

export const saved = (part, words) => {
  let line = part.box.querySelector(".saved");
  if (!line) {
    line = element("span", "saved");
    const uses = part.box.querySelector(".field-label .field-uses");
    if (uses) uses.before(line);
    else (part.box.querySelector(".field-label") ?? part.box.querySelector("th") ?? part.box).append(line);
  }
  if (line.textContent !== words) line.textContent = words;
};

const describe = (target, id, on) => {
  const ids = new Set((target.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size) target.setAttribute("aria-describedby", [...ids].join(" "));
  else target.removeAttribute("aria-describedby");
};

// Says what is wrong with a part, or that nothing is any more.
export const problem = (page, part, words) => {
  const key = keyOf(page, part);
  const id = `${key}-error`;
  const controls = page.controls(part);
  const grouped = part.box.hasAttribute("role");
  let line = document.getElementById(id);
  if (!words) {
    line?.remove();
    forget(key);
  } else if (!line) {
    line = element("p", "field-error", icon(), element("span", "", words));
    line.id = id;
    placeUnder(page, part).append(line);
  } else if (line.lastElementChild.textContent !== words) line.lastElementChild.textContent = words;
  if (part.box.matches(".field")) part.box.classList.toggle("field-invalid", Boolean(words));
  for (const control of grouped ? [part.box] : controls.slice(0, 1)) describe(control, id, Boolean(words));
  for (const control of controls) {
    if (control.type === "hidden" || control.type === "radio") continue;
    if (words) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
};

// The list on top leads to what is wrong: what was put right is taken from it.
const forget = (key) => {
  const summary = document.getElementById("error-summary");
  summary?.querySelector(`a[href="#${CSS.escape(key)}"]`)?.closest("li")?.remove();
  const left = summary?.querySelectorAll("li").length;
  if (left === 0) summary.remove();
  else if (left) summary.querySelector("h2").lastChild.data = `有${left}处需要改正`;
};

const shown = (words) => {
  const told = Array.isArray(words) ? words.map((one) => (one && typeof one === "object" ? Object.values(one).join(" ") : one)).join("；") : words;
  return told === null || told === undefined || told === "" ? "（空白）" : String(told);
};

// A cell of a table is too narrow for two values: they get a line of their own under its row.
const lineUnder = (row, box) => {
  let last = row;
  while (last.nextElementSibling?.matches(".clash-line")) last = last.nextElementSibling;
  const cell = element("td", "", box);
  cell.colSpan = row.cells.length;
  const line = element("tr", "clash-line", cell);
  last.after(line);
  return line;
};

const LONG = 120;

const value = (words) => {
  const made = element("dd", "", shown(words));
  if (made.textContent.length > LONG) made.tabIndex = 0;
  return made;
};

export class Clash {
  // Both values side by side at the part, and the two ways out.
  constructor(page, part, clash, choose) {
    const mine = value(clash.mine);
    const inRow = part.box.matches("tr");
    const who = [clash.by, clash.at].filter(Boolean).join(" ");
    const values = element(
      "dl",
      "clash-values",
      element("div", "", element("dt", "", "我填的"), mine),
      element("div", "", element("dt", "", who ? `对方的（${who}）` : "对方的"), value(clash.theirs)),
    );
    const acts = element(
      "div",
      "clash-acts",
      button("保留我填的", "btn btn-secondary btn-small", () => choose("mine")),
      button("采用对方的", "btn btn-secondary btn-small", () => choose("theirs")),
    );
    const title = `${inRow ? clash.label : "这一项"}刚被他人改动，请选择以哪个为准。`;
    this.box = element("div", "clash", element("p", "clash-title", title), values, acts);
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", "两人填写不一致");
    this.box.tabIndex = -1;
    this.mine = mine;
    if (inRow) this.line = lineUnder(part.box, this.box);
    else placeUnder(page, part).append(this.box);
  }

  typed(words) {
    this.mine.textContent = shown(words);
  }

  close() {
    (this.line ?? this.box).remove();
  }
}

export class Bar {
  #said = "";

  constructor(form) {
    this.line = form.querySelector("[data-draft-status]");
    this.words = element("span", "");
    this.act = button("", "btn btn-secondary btn-small", () => this.pressed?.());
    this.act.hidden = true;
    this.voice = element("span", "visually-hidden");
    this.voice.setAttribute("role", "status");
    this.line?.replaceChildren(this.words, this.act);
    this.line?.after(this.voice);
    if (this.line) this.line.hidden = false;
  }

  // Trouble and its end are spoken; that one more field was saved is not.
  say(state, words, act = "", pressed = null) {
    if (!this.line) return;
    if (this.words.textContent !== words) this.words.textContent = words;
    this.line.dataset.state = state;
    this.act.hidden = !act;
    this.act.textContent = act;
    this.pressed = pressed;
    const calm = state === "saved" || state === "saving" || state === "ready";
    if (calm && (state === "saving" || !this.#said)) return;
    if (calm) this.#said = "";
    else if (this.#said === words) return;
    else this.#said = words;
    this.voice.textContent = words;
  }
}
