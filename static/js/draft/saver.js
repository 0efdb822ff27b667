// Saves a drawn form while it is being written: what was typed goes on the shelf at the first key, to the server after
// a pause, and off the shelf when the server has it. One request at a time, several parts in one.
import { look, post, takeSeat } from "./line.js";
import { Page, same } from "./page.js";
import { count } from "./progress.js";
import { Shelf } from "./shelf.js";
import { SignIn } from "./signin.js";
import { Bar, Clash, problem, saved } from "./signs.js";
import { judgeAgain } from "./verdict.js";

const LONGEST_UNSAVED = 8000;
const FIRST_RETRY = 2000;
const LAST_RETRY = 60000;
const CELL = /^(points|words|reason)-/;

// Whether two values are one answer; a mark is the same however its zeros are written.
const plain = (value) =>
  Array.isArray(value) ? value.map((one) => (typeof one === "object" ? Object.entries(one).sort() : one)) : (value ?? "");
const alike = (one, other) =>
  same(plain(one), plain(other)) || (typeof one === "string" && one !== "" && other !== "" && Number(one) === Number(other));

// Parts of one unit travel together only if they were typed against the same version of it.
const together = (entries) => {
  const seen = new Map();
  for (const [, entry] of entries) if (!seen.has(entry.unit)) seen.set(entry.unit, entry.seen);
  return new Map(entries.filter(([, entry]) => seen.get(entry.unit) === entry.seen));
};

const WORDS = {
  offline: "未连接网络，已存在本机，恢复后自动保存",
  trouble: "服务器没有应答，已存在本机，稍后自动保存",
  expired: "登录已过期，已存在本机",
  other: "本浏览器现在登录的是其他账号，已存在本机；换回原账号后自动保存",
  refused: "现在的身份不能保存本页，已存在本机",
  unkept: "浏览器不能暂存，保存完成前请不要关闭本页",
};

export class Saver {
  constructor(form) {
    this.form = form;
    this.page = new Page(form);
    this.shelf = new Shelf(form.dataset.draft, location.pathname);
    this.bar = new Bar(form);
    this.token = this.page.token;
    this.base = new Map();
    this.seen = new Map();
    this.held = new Map();
    this.state = "";
    this.failures = 0;
    const versions = this.page.versions;
    for (const part of this.page.parts.values()) {
      this.base.set(part.name, this.page.pairs(part, true));
      this.seen.set(part.name, versions.get(part.unit) ?? 0);
    }
    this.signIn = new SignIn(this.shelf.user, (token) => this.#signedIn(token));
    this.#hear();
  }

  // Takes up what an earlier visit typed and the server never had, and what was typed before this script ran.
  start() {
    let found = 0;
    for (const [name, entry] of this.shelf.all()) {
      const part = this.page.parts.get(name);
      if (!part || this.page.pairs(part) === null) continue;
      this.page.fill(part, entry.pairs);
      found += 1;
    }
    for (const part of this.page.parts.values()) {
      const typed = this.page.pairs(part);
      if (typed && !this.shelf.get(part.name) && !same(typed, this.base.get(part.name))) this.typed(part, 0);
    }
    this.bar.say("ready", "填写后自动保存");
    if (found) this.bar.say("found", `找回上次未保存的${found}项，正在保存`);
    (found ? this.send(true) : Promise.resolve()).then(() => this.#neighbours());
  }

  typed(part, delay) {
    const pairs = this.page.pairs(part);
    const kept = this.shelf.get(part.name);
    if (!pairs || (!kept && same(pairs, this.base.get(part.name)))) return;
    if (!kept || !same(kept.pairs, pairs)) {
      const seen = kept ? kept.seen : this.seen.get(part.name);
      this.shelf.put(part.name, { unit: part.unit, pairs, seen, tried: kept?.tried });
    }
    const hold = this.held.get(part.name);
    if (hold?.sign) hold.sign.typed(this.#words(pairs));
    else this.held.delete(part.name);
    this.plan(delay);
    this.show();
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.since ??= Date.now();
    this.timer = setTimeout(() => this.send(), Math.max(0, Math.min(delay, this.since + LONGEST_UNSAVED - Date.now())));
  }

  // Sends what is due; with `all` also what is still being typed. Answers whether nothing is left unsaved.
  async send(all = false) {
    if (this.busy && all) await this.busy;
    if (this.composing && !all) return this.plan(1200);
    clearTimeout(this.timer);
    this.timer = this.since = undefined;
    this.busy ??= this.#run(all).finally(() => (this.busy = null));
    await this.busy;
    this.show();
    return this.shelf.all().size === 0;
  }

  async #run(all) {
    for (let turn = 0; turn < 100; turn += 1) {
      const batch = this.#batch();
      if (!batch.size) return;
      this.show();
      for (const [name, entry] of batch) this.shelf.tried(name, entry);
      const told = await post(this.form.action, this.token, batch.values());
      if (!(await this.#took(batch, told)) || (this.timer && !all)) return;
    }
  }

  #batch() {
    return together([...this.shelf.all()].filter(([name]) => this.page.parts.has(name) && !this.held.has(name)));
  }

  // Says whether the next batch may go.
  async #took(batch, told) {
    if (told.kind === "stale") return this.#renew();
    if (told.kind === "saved") {
      await this.#settle(batch, told);
      return true;
    }
    this.#trouble(told.kind, told.words);
    return false;
  }

  async #settle(batch, told) {
    this.state = "";
    this.failures = this.renewed = 0;
    this.at = told.at;
    if (told.csrf) this.#renewToken(told.csrf);
    let stale = false;
    const loose = [];
    for (const [name, entry] of batch) {
      const part = this.page.parts.get(name);
      const clash = told.collisions?.[CELL.test(name) ? `${entry.unit}/${name.split("-", 1)[0]}` : name];
      const version = told.saved[entry.unit];
      if (clash) this.#meet(part, clash);
      else if (version === undefined) loose.push([part, entry]);
      else {
        this.#acknowledged(part, entry, version);
        stale ||= !this.#follow(part, entry, version, batch);
        saved(part, `已保存 ${told.at}`);
      }
      if (version !== undefined && !/^(words|reason)-/.test(name)) problem(this.page, part, told.problems?.[entry.unit] ?? "");
    }
    this.#stampVersions();
    count(this.page);
    judgeAgain();
    if (loose.length) await this.#yield(loose, told.refused?.[0]);
    if (stale) this.refresh();
  }

  // What was neither saved nor met was typed back to what had stood, while somebody else changed it: theirs stands. Or
  // it is closed for writing.
  async #yield(loose, words) {
    const fresh = await this.#fresh();
    for (const [part, entry] of loose) {
      const twin = fresh?.parts.get(part.name);
      if (!twin || fresh.pairs(twin, true) === null) this.#shut(part, words);
      else if (this.shelf.drop(part.name, entry.stamp)) this.#takeOver(part, twin, fresh);
    }
  }

  #acknowledged(part, entry, version) {
    this.base.set(part.name, entry.pairs);
    this.seen.set(part.name, version);
    this.held.get(part.name)?.sign?.close();
    this.held.delete(part.name);
    if (this.shelf.drop(part.name, entry.stamp)) this.room?.postMessage({ part: part.name, pairs: entry.pairs, version });
    else this.shelf.put(part.name, { ...this.shelf.get(part.name), seen: version, tried: [] });
  }

  // Two values met. Where the other one is our own, of a save whose answer was lost, what was typed since goes on.
  #meet(part, clash) {
    const entry = this.shelf.get(part.name);
    const own = (entry?.tried ?? []).some((pairs) => alike(this.page.answer(part, pairs), clash.value));
    if (entry && own && clash.by === this.form.dataset.name) this.shelf.put(part.name, { ...entry, seen: clash.version });
    else this.#hold(part, clash);
  }

  // The other cells of a row go along with its version if nobody else wrote the row in between.
  #follow(part, entry, version, batch) {
    const others = [...this.page.parts.values()].filter((one) => one.unit === part.unit && !batch.has(one.name));
    if (version > entry.seen + 1) return others.length === 0;
    for (const one of others) {
      if (this.seen.get(one.name) !== entry.seen) continue;
      this.seen.set(one.name, version);
      const typed = this.shelf.get(one.name);
      if (typed && typed.seen === entry.seen) this.shelf.put(one.name, { ...typed, seen: version });
    }
    return true;
  }

  #hold(part, clash) {
    this.held.get(part.name)?.sign?.close();
    const sign = new Clash(this.page, part, clash, (choice) => this.#choose(part, clash, choice));
    this.held.set(part.name, { clash, sign });
    saved(part, "");
  }

  #shut(part, words) {
    this.held.set(part.name, {});
    problem(this.page, part, words || "这一项现在不能改动，所填内容已存在本机。");
  }

  async #choose(part, clash, choice) {
    const hold = this.held.get(part.name);
    if (choice === "mine") {
      const entry = this.shelf.get(part.name);
      if (entry) this.shelf.put(part.name, { ...entry, seen: clash.version });
    } else if (!(await this.#adopt(part))) return;
    hold?.sign?.close();
    this.held.delete(part.name);
    this.page.controls(part)[0]?.focus();
    this.send(true);
  }

  // Takes the other's value over from the page as the server now draws it.
  async #adopt(part) {
    const fresh = await this.#fresh();
    const twin = fresh?.parts.get(part.name);
    if (!twin) return false;
    this.shelf.drop(part.name);
    this.#redraw(part, twin, fresh);
    saved(part, "已采用对方的");
    count(this.page);
    judgeAgain();
    return true;
  }

  #redraw(part, twin, fresh) {
    const pairs = fresh.pairs(twin, true) ?? [];
    this.page.fill(part, pairs);
    this.base.set(part.name, pairs);
    this.seen.set(part.name, fresh.versions.get(part.unit) ?? 0);
    const wrong = twin.box.querySelector(".field-error")?.textContent.trim() ?? "";
    if (!/^(words|reason)-/.test(part.name)) problem(this.page, part, wrong);
    this.#stampVersions();
  }

  // Brings in what others wrote meanwhile, where nothing is being typed.
  async refresh() {
    const fresh = await this.#fresh();
    if (!fresh) return;
    const versions = fresh.versions;
    for (const [name, twin] of fresh.parts) {
      const part = this.page.parts.get(name);
      if (!part || this.shelf.get(name)) continue;
      if (same(fresh.pairs(twin, true), this.base.get(name))) this.seen.set(name, versions.get(part.unit) ?? 0);
      else if (!this.page.has(part)) this.#takeOver(part, twin, fresh);
    }
    this.#stampVersions();
    count(this.page);
  }

  #takeOver(part, twin, fresh) {
    this.#redraw(part, twin, fresh);
    saved(part, "他人已更新");
  }

  async #fresh() {
    const found = await look(location.href);
    if (found.kind !== "page" || found.user !== this.shelf.user) {
      if (found.kind === "page") this.#trouble("other");
      else if (found.kind !== "refused") this.#trouble(found.kind);
      return null;
    }
    this.#renewToken(found.page.token);
    return found.page;
  }

  // A token that the server does not know any more: somebody signed in anew, perhaps somebody else.
  async #renew() {
    this.renewed = (this.renewed ?? 0) + 1;
    const found = this.renewed > 2 ? { kind: "trouble" } : await look(location.href);
    if (found.kind !== "page" || found.user !== this.shelf.user) {
      this.#trouble(found.kind === "page" ? "other" : found.kind, found.words);
      return false;
    }
    this.#renewToken(found.page.token);
    return true;
  }

  #renewToken(token) {
    if (!token) return;
    this.token = token;
    for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token;
  }

  #stampVersions() {
    const lowest = new Map();
    for (const part of this.page.parts.values()) {
      const seen = this.seen.get(part.name);
      lowest.set(part.unit, Math.min(seen, lowest.get(part.unit) ?? seen));
    }
    this.page.versions = lowest;
  }

  #trouble(kind, words = "") {
    if (kind === "expired" && this.state !== "expired") this.signIn.open();
    this.state = kind;
    this.words = words;
    this.failures += 1;
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(this.failures - 1, 10));
    clearTimeout(this.retry);
    if (kind === "offline" || kind === "trouble") this.retry = setTimeout(() => this.send(), wait * (0.75 + Math.random() / 2));
    this.show();
  }

  async #signedIn(token) {
    this.#renewToken(token);
    this.failures = this.renewed = 0;
    this.state = "";
    let found = await look(location.href);
    if (found.kind === "refused" && this.form.dataset.seat) {
      await takeSeat(this.token, this.form.dataset.seat);
      found = await look(location.href);
    }
    if (found.kind === "page" && found.user === this.shelf.user) {
      this.#renewToken(found.page.token);
      await this.send(true);
    } else this.#trouble(found.kind === "page" ? "other" : found.kind, found.words);
  }

  // Tries again when the reason to wait may be over.
  wake() {
    if (!this.state) return;
    this.failures = this.renewed = 0;
    this.send(true);
  }

  // Whether something typed here can still come to the server: it is on its way, or waits for a choice.
  get open() {
    return [...this.shelf.all().keys()].some(
      (name) => this.page.parts.has(name) && (this.held.get(name)?.sign || !this.held.has(name)),
    );
  }

  // Shows what keeps the page from going on: the first value that met another one, else the state of saving.
  lead() {
    this.show();
    [...this.held.values()].find((hold) => hold.sign)?.sign.box.focus();
  }

  show() {
    const left = this.shelf.all();
    const clashes = [...this.held].filter(([name, hold]) => hold.sign && left.has(name));
    const waiting = [...left.keys()].filter((name) => this.page.parts.has(name) && !this.held.has(name)).length;
    if (this.state && left.size) this.#sayTrouble();
    else if (!this.shelf.kept) this.bar.say("unkept", WORDS.unkept);
    else if (waiting) this.bar.say("saving", "正在保存");
    else if (clashes.length) {
      const go = () => clashes[0][1].sign.box.focus();
      this.bar.say("clash", `有${clashes.length}项与他人填写的不一致`, "去选择", go);
    } else if (this.held.size) this.bar.say("refused", `有${this.held.size}项未能保存，已存在本机`);
    else if (this.at) this.bar.say("saved", `全部已保存 ${this.at}`);
  }

  #sayTrouble() {
    const words = this.words ? `${this.words}所填内容已存在本机。` : WORDS[this.state] ?? WORDS.trouble;
    if (this.state === "expired") this.bar.say("expired", words, "登录", () => this.signIn.open());
    else if (this.state === "refused" || this.state === "other") this.bar.say(this.state, words, "重试", () => this.wake());
    else this.bar.say(this.state, words);
  }

  // Another window of the same browser has saved a part: take it over unless something else is being typed there.
  #hear() {
    if (!("BroadcastChannel" in window)) return;
    this.room = new BroadcastChannel(this.shelf.prefix);
    this.room.addEventListener("message", ({ data }) => {
      const part = this.page.parts.get(data.part);
      if (!part || this.shelf.get(data.part)) return;
      this.held.get(data.part)?.sign?.close();
      this.held.delete(data.part);
      this.page.fill(part, data.pairs);
      this.base.set(data.part, data.pairs);
      this.seen.set(data.part, data.version);
      this.#stampVersions();
      this.show();
    });
  }

  // What another page of this case left behind is sent from here; what collides waits for its own page.
  async #neighbours() {
    for (const shelf of this.shelf.neighbours()) {
      const entries = together([...shelf.all()]);
      const told = await post(shelf.path, this.token, entries.values());
      if (told.kind !== "saved") continue;
      for (const [name, entry] of entries) if (told.saved[entry.unit] !== undefined) shelf.drop(name, entry.stamp);
    }
  }

  #words(pairs) {
    return pairs.filter(([name]) => !name.endsWith("-rows")).map(([, value]) => value).filter(Boolean).join("；");
  }
}
