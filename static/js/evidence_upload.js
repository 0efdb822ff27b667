// Evidence piece by piece: several files at once, dropped or chosen, going on by themselves after a broken line.
// What is under way is remembered in this browser by token, so that the same file goes on from where it stopped.
import { takeSeat } from "./draft/line.js";
import { SignIn } from "./draft/signin.js";

const box = document.querySelector("[data-evidence]");

const PARALLEL = 2;
const SMALLEST = 64 * 1024;
const SECONDS_A_PIECE = 3;
const LONGEST_PAUSE = 30;
const PATIENCE = 120;
const TRIES = 8;
const REMEMBERED = 2 * 24 * 3600 * 1000;
const RELOGIN = "登录已过期，登录后从中断处续传";
const WORDS = { go: "登录并续传", told: "已传的部分不会丢失。用同一账号登录后从中断处续传，不必离开本页。" };
const SHUT = "现在不能上传：申报可能已提交。请刷新页面查看。";
const TIRED = "多次没有传成功，已暂停。请稍后点“继续”，从中断处续传。";
const OFFLINE = "网络已断开，恢复后自动继续";

const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const size = (bytes) => (bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

// ---- what this browser remembers of files under way

const KEY = `sihao-uploads-${box?.dataset.case}`;
const memory = {
  all() {
    try {
      const kept = Object.entries(JSON.parse(localStorage.getItem(KEY)) || {});
      return Object.fromEntries(kept.filter(([, one]) => one.at > Date.now() - REMEMBERED));
    } catch {
      return {};
    }
  },
  change(change) {
    try {
      const known = this.all();
      change(known);
      localStorage.setItem(KEY, JSON.stringify(known));
    } catch {
      // Without a memory an upload goes on as long as the page is open.
    }
  },
  keep(job) {
    const { row, name, size: bytes, modified } = job;
    this.change((known) => { known[job.token] = { row, name, size: bytes, modified, at: Date.now() }; });
  },
  forget(token) {
    this.change((known) => { delete known[token]; });
  },
};

// ---- talking to the server

const field = () => document.querySelector("[data-evidence] [name=csrfmiddlewaretoken]");

const renew = (token) => {
  for (const one of document.querySelectorAll("[name=csrfmiddlewaretoken]")) one.value = token;
};

// A new sign-in brings a new token: it stands in the page as the server draws it now. True when there is a new one;
// false where the page is shut; nothing where nobody is signed in.
const freshToken = async () => {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "manual" });
  if (answer.type === "opaqueredirect") return undefined;
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("[data-evidence] [name=csrfmiddlewaretoken]")?.value;
  if (!token) return false;
  renew(token);
  return true;
};

const ask = async (url, options = {}) => {
  for (let again = true; ; again = false) {
    const headers = { Accept: "application/json", "X-CSRFToken": field().value, ...options.headers };
    const patience = new AbortController();
    const clock = setTimeout(() => patience.abort(), PATIENCE * 1000);
    const kind = { headers, signal: patience.signal, redirect: "manual", cache: "no-store" };
    const answer = await fetch(url, { ...options, ...kind }).finally(() => clearTimeout(clock));
    if (answer.status === 403 && again) {
      const fresh = await freshToken();
      if (fresh) continue;
      return { status: fresh === undefined ? 401 : 403, told: {} };
    }
    const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    return { status: answer.type === "opaqueredirect" ? 401 : answer.status, told };
  }
};

class Stopped extends Error {}

// Browsers give out identifiers only to pages that came by HTTPS; random bytes to every page.
const newToken = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};

// ---- one file under way

const speak = (text) => { box.querySelector("[data-told]").textContent = text; };
const element = (tag, className, text = "") => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

class Job {
  constructor(file, row, place, hints, token = newToken()) {
    Object.assign(this, { file, row, place, ...hints, token, name: file.name, size: file.size, modified: file.lastModified });
    this.state = "queued";
    this.offset = 0;
    this.length = SMALLEST * 4;
    this.draw();
  }

  get url() {
    return `${box.dataset.start}${this.token}/`;
  }

  draw() {
    this.item = element("li", "transfer");
    const label = document.querySelector(`#id_row option[value="${CSS.escape(this.row)}"]`)?.textContent || this.row;
    const where = this.place.dataset.proof ? this.name : `${this.name}（${label.replace(/（已有\d+份）$/, "")}）`;
    this.bar = element("progress", "");
    this.bar.max = this.size || 1;
    this.bar.setAttribute("aria-label", `${this.name}上传进度`);
    this.bar.value = 0;
    this.told = element("p", "transfer-told", "等待上传");
    const acts = element("div", "transfer-acts");
    this.hold = this.button("暂停", "btn btn-secondary btn-small", () => (this.state === "held" ? this.resume() : this.pause()));
    this.drop = this.button("放弃", "btn btn-link btn-small", () => this.giveUp());
    acts.append(this.hold, this.drop);
    this.item.append(element("p", "transfer-name", where), this.bar, this.told, acts);
    this.place.querySelector("[data-transfers]").append(this.item);
  }

  button(words, className, act) {
    const made = element("button", className, words);
    made.type = "button";
    made.append(element("span", "visually-hidden", this.name));
    made.addEventListener("click", act);
    return made;
  }

  say(text, waiting = false) {
    if (this.told.textContent !== text) this.told.textContent = text;
    this.item.classList.toggle("transfer-waiting", waiting);
  }

  rename(button, words) {
    button.firstChild.data = words;
  }

  show() {
    this.bar.value = this.offset;
    const share = this.size ? Math.floor((this.offset * 100) / this.size) : 0;
    this.say(this.offset < this.size ? `已传${share}%，${size(this.offset)}/${size(this.size)}` : "已传完，正在检查");
  }

  pause(words = "已暂停") {
    this.state = "held";
    this.rename(this.hold, "继续");
    this.say(words, true);
    advance();
  }

  resume() {
    this.state = "queued";
    this.rename(this.hold, "暂停");
    this.say("等待上传");
    advance();
  }

  async giveUp() {
    const begun = this.begun;
    this.state = "dropped";
    memory.forget(this.token);
    this.item.remove();
    advance();
    if (begun) await ask(this.url, { method: "DELETE" }).catch(() => {});
  }

  refuse(sentences) {
    this.state = "refused";
    memory.forget(this.token);
    this.item.classList.add("transfer-refused");
    this.say(sentences.join(""));
    this.bar.remove();
    this.hold.remove();
    this.rename(this.drop, "知道了");
    this.begun = false;
    speak(sentences.join(""));
  }

  finish(told) {
    if (told.refused) {
      this.refuse(told.refused);
      return;
    }
    this.state = "done";
    memory.forget(this.token);
    if (put(this.row, told)) this.item.remove();
    else this.stand();
    speak(`${this.name}已上传`);
  }

  // The row is not on the page as it is filtered now: the file's own line says that it is there.
  stand() {
    this.say("已上传");
    for (const one of [this.bar, this.hold, this.drop]) one.remove();
  }

  // Carries the file to its end, however often the line breaks; every break is followed by asking how far it came.
  async run() {
    this.state = "running";
    this.failures = 0;
    while (this.state === "running") {
      try {
        if (!this.begun) await this.begin();
        else if (this.failures) await this.find();
        while (this.state === "running") await this.send();
      } catch (problem) {
        if (problem instanceof Stopped) return;
        if (navigator.onLine) this.failures += 1;
        else this.failures = 1;
        if (this.failures > TRIES) this.pause(TIRED);
        else if (this.state === "running") await this.rest();
      }
    }
  }

  async rest() {
    const pause = Math.min(2 ** (this.failures - 1), LONGEST_PAUSE);
    this.say(navigator.onLine ? `连接中断，${pause}秒后自动重试` : OFFLINE, true);
    this.length = Math.max(SMALLEST, this.length / 2);
    const online = new Promise((resolve) => addEventListener("online", resolve, { once: true }));
    await (navigator.onLine ? Promise.race([wait(pause), online]) : Promise.race([online, wait(LONGEST_PAUSE)]));
  }

  async begin() {
    const { token, row, name, size: bytes, pages, dated } = this;
    const body = new URLSearchParams({ token, row, name, size: bytes, pages, dated });
    const { status, told } = await ask(box.dataset.start, { method: "POST", body });
    this.judge(status, told);
    this.begun = true;
    memory.keep(this);
    this.offset = told.offset;
    if (told.offset >= this.size) await this.find();
    else this.show();
  }

  async find() {
    const { status, told } = await ask(this.url);
    if (status === 404) {
      this.begun = false;
      await this.begin();
      return;
    }
    this.judge(status, told);
    this.offset = told.offset;
    if (told.done) this.finish(told);
    else this.show();
  }

  async send() {
    const started = performance.now();
    const piece = this.file.slice(this.offset, this.offset + this.length);
    const whole = this.offset + piece.size >= this.size;
    if (whole && this.size > this.length) this.say("正在传最后一段并检查");
    const { status, told } = await ask(`${this.url}?offset=${this.offset}`, { method: "PUT", body: await bytesOf(piece, this) });
    if (this.state !== "running") return;
    if (status === 409) {
      this.offset = told.offset;
      return;
    }
    this.judge(status, told);
    this.failures = 0;
    this.offset = told.offset;
    if (told.done) this.finish(told);
    else this.show();
    const seconds = (performance.now() - started) / 1000;
    const wanted = seconds < SECONDS_A_PIECE / 2 ? this.length * 2 : seconds > SECONDS_A_PIECE * 2 ? this.length / 2 : this.length;
    this.length = Math.min(Number(box.dataset.piece), Math.max(SMALLEST, Math.round(wanted)));
  }

  // Ends or holds the job where the answer says so; a server that is busy or ill is asked again like a broken line.
  judge(status, told) {
    if (status === 200) return;
    if (status === 401) {
      this.pause(RELOGIN);
      signIn.open();
    } else if (status === 403) this.pause(SHUT);
    else if (status === 400 && told.refused && !this.begun) this.refuse(told.refused);
    else throw new Error(`status ${status}`);
    throw new Stopped();
  }
}

// A file that was changed or taken away since it was chosen cannot be read any more.
const bytesOf = async (piece, job) => {
  try {
    return await piece.arrayBuffer();
  } catch {
    job.refuse([`“${job.name}”读不出来：文件可能已被移动或修改。请重新选择。`]);
    throw new Stopped();
  }
};

// ---- all files under way

const jobs = [];
const advance = () => {
  const running = jobs.filter((job) => job.state === "running").length;
  for (const job of jobs.filter((one) => one.state === "queued").slice(0, Math.max(0, PARALLEL - running))) {
    job.run().finally(advance);
  }
};

// Signed in again, in the seat of this page: what waited for it goes on.
const signIn = new SignIn(
  box?.dataset.user,
  async (token) => {
    if (token) renew(token);
    else await freshToken();
    await takeSeat(field().value, box.dataset.seat);
    for (const job of jobs) if (job.state === "held" && job.told.textContent === RELOGIN) job.resume();
  },
  WORDS,
);

// A file that broke off earlier goes on under its old token when it is chosen again for the same row.
const known = (file, row) => {
  const same = (one) => one.name === file.name && one.size === file.size && one.row === row;
  const kept = Object.entries(memory.all()).find(([, one]) => same(one) && one.modified === file.lastModified);
  return kept?.[0];
};

// Files show how far they are where they were chosen; hints written in the form go with the files of the form.
const add = (files, row, place, token) => {
  const written = (id) => (place.contains(document.getElementById(id)) ? document.getElementById(id).value : "");
  const hints = { pages: written("id_pages"), dated: written("id_dated") };
  for (const file of files) {
    const old = token || known(file, row);
    if (old && jobs.some((job) => job.token === old && !["done", "refused", "dropped"].includes(job.state))) continue;
    if (old) document.querySelector(`[data-unfinished="${old}"]`)?.remove();
    jobs.push(new Job(file, row, place, hints, old));
  }
  advance();
};

// Puts a piece that was taken in where it belongs, as the server draws it.
const put = (row, told) => {
  for (const one of document.querySelectorAll("[data-used]")) one.textContent = Number(one.textContent) + 1;
  const proof = document.getElementById(`row-${row}`);
  if (!proof) return false;
  if (document.getElementById(`piece-${told.piece}`)) return true;
  const template = document.createElement("template");
  template.innerHTML = told.html;
  for (const one of template.content.querySelectorAll("[name=csrfmiddlewaretoken]")) one.value = field().value;
  proof.querySelector("[data-pieces]").append(template.content);
  proof.querySelector(".proof-lacks")?.remove();
  return true;
};

// ---- where files come from

const picker = document.createElement("input");
const pick = (several, then) => {
  picker.type = "file";
  picker.multiple = several;
  picker.accept = box.dataset.kinds;
  picker.value = "";
  picker.onchange = () => then([...picker.files]);
  picker.click();
};

const asksForRow = () => {
  const select = document.getElementById("id_row");
  if (select.value) return false;
  select.focus();
  speak("请先选择所证指标。");
  select.setCustomValidity("请先选择所证指标。");
  select.reportValidity();
  select.addEventListener("change", () => select.setCustomValidity(""), { once: true });
  return true;
};

const dropped = (place, row) => {
  let depth = 0;
  const mark = (on) => place.classList.toggle("drop-over", on);
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  place.addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth += 1;
    mark(true);
  });
  place.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) mark(false);
  });
  place.addEventListener("dragover", (event) => {
    if (carries(event)) event.preventDefault();
  });
  place.addEventListener("drop", (event) => {
    depth = 0;
    mark(false);
    if (!carries(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (row || !asksForRow()) add([...event.dataTransfer.files], row || document.getElementById("id_row").value, place);
  });
};

const again = (item) => {
  const { unfinished, row, name, size: bytes } = item.dataset;
  const kept = memory.all()[unfinished];
  pick(false, ([file]) => {
    const same = file.name === (kept?.name || name) && file.size === Number(bytes) && (!kept || kept.modified === file.lastModified);
    if (same) {
      add([file], row, document.getElementById("unfinished"), unfinished);
    } else {
      item.querySelector(".transfer-told").textContent = `所选文件不是未传完的那一个（${name}，${size(Number(bytes))}）。请重新选择，或放弃后作为新文件上传。`;
    }
  });
};

const start = () => {
  const upload = document.getElementById("upload");
  const form = upload.querySelector("form");
  box.querySelector("[data-drop-hint]").hidden = false;
  form.addEventListener("submit", (event) => {
    const input = document.getElementById("id_files");
    if (!input.files.length) return;
    event.preventDefault();
    if (asksForRow()) return;
    add([...input.files], document.getElementById("id_row").value, upload);
    input.value = "";
  });
  dropped(box.querySelector("[data-drop]"), "");
  for (const proof of document.querySelectorAll("[data-proof]")) {
    dropped(proof, proof.dataset.proof);
    proof.querySelector("[data-pick]")?.addEventListener("click", (event) => {
      event.preventDefault();
      pick(true, (files) => add(files, proof.dataset.proof, proof));
    });
  }
  for (const item of document.querySelectorAll("[data-unfinished]")) {
    const button = item.querySelector("[data-again]");
    button.hidden = false;
    button.addEventListener("click", () => again(item));
  }
  // A file dropped beside a goal would make the browser leave the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => {
    if (jobs.some((job) => ["queued", "running", "held"].includes(job.state))) event.preventDefault();
  });
  addEventListener("offline", () => {
    for (const job of jobs) if (job.state === "running") job.say(OFFLINE, true);
  });
};

if (box) start();
