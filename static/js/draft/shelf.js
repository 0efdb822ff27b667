// Keeps what was typed in this browser until the server has it: one entry a part, by account, page and part.
// Where the browser keeps nothing (full, forbidden) the page's own memory does, and `kept` says so.
const ROOT = "sihao-draft";
const TRIES = 8;
const OLDEST = 60 * 24 * 3600 * 1000;

const parsed = (text) => {
  try {
    const entry = JSON.parse(text);
    return entry && Array.isArray(entry.pairs) ? entry : null;
  } catch {
    return null;
  }
};

const names = () => {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(`${ROOT} `));
  } catch {
    return [];
  }
};

export class Shelf {
  #own = new Map();
  #count = 0;
  #mark = Math.random().toString(36).slice(2, 8);

  constructor(user, path) {
    this.user = user;
    this.path = path;
    this.prefix = `${ROOT} ${encodeURIComponent(user)} ${path} `;
  }

  get(part) {
    if (this.#own.has(part)) return this.#own.get(part);
    try {
      return parsed(localStorage.getItem(this.prefix + part));
    } catch {
      return null;
    }
  }

  put(part, entry) {
    const whole = { ...entry, at: Date.now(), stamp: `${this.#mark}-${(this.#count += 1)}` };
    this.#write(part, whole);
  }

  // Notes that an entry is on its way: should the answer be lost, what the server then has is known to be our own.
  tried(part, entry) {
    this.#write(part, { ...entry, tried: [...(entry.tried ?? []), entry.pairs].slice(-TRIES) });
  }

  #write(part, whole) {
    try {
      localStorage.setItem(this.prefix + part, JSON.stringify(whole));
      this.#own.delete(part);
    } catch {
      this.#own.set(part, whole);
    }
  }

  // Forgets an entry; with a stamp only if nothing was typed since.
  drop(part, stamp) {
    if (stamp && this.get(part)?.stamp !== stamp) return false;
    this.#own.delete(part);
    try {
      localStorage.removeItem(this.prefix + part);
    } catch {
      // Then nothing was kept there.
    }
    return true;
  }

  all() {
    const found = new Map();
    for (const name of names()) {
      if (!name.startsWith(this.prefix)) continue;
      const entry = parsed(localStorage.getItem(name));
      if (entry) found.set(name.slice(this.prefix.length), entry);
    }
    for (const [part, entry] of this.#own) found.set(part, entry);
    return found;
  }

  // Whether everything typed would outlive this page.
  get kept() {
    return this.#own.size === 0;
  }

  // The same account's shelves of the other pages of this case.
  neighbours() {
    const near = `${ROOT} ${encodeURIComponent(this.user)} ${this.path.replace(/[^/]+\/$/, "")}`;
    const paths = names().filter((name) => name.startsWith(near) && !name.startsWith(this.prefix));
    return [...new Set(paths.map((name) => name.split(" ")[2]))].map((path) => new Shelf(this.user, path));
  }

  static clean() {
    for (const name of names()) {
      const entry = parsed(localStorage.getItem(name));
      if (!entry || Date.now() - entry.at > OLDEST) localStorage.removeItem(name);
    }
  }
}
