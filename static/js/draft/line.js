// The line to the server: a save as the protocol has it (declarations/README.md), and a fresh copy of the page.
import { Page } from "./page.js";

const PATIENCE = 30000;
// A browser carries a request of this size on when its page is left.
const KEEPABLE = 60000;
const SIGN_IN = "/account/sign-in/";

export const ask = async (address, options = {}) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(address, { credentials: "same-origin", signal: stop.signal, ...options });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
};

export const atSignIn = (answer) => answer.redirected && new URL(answer.url).pathname === SIGN_IN;

const json = async (answer) => {
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return null;
  try {
    return await answer.json();
  } catch {
    return null;
  }
};

const written = (token, entries) => {
  const body = new URLSearchParams({ csrfmiddlewaretoken: token });
  const seen = new Map();
  const blank = [];
  for (const entry of entries) {
    seen.set(entry.unit, entry.seen);
    if (!entry.pairs.length) blank.push(entry.unit);
    for (const [name, value] of entry.pairs) body.append(name, value);
  }
  body.append("_seen", [...seen].map(([unit, version]) => `${unit}:${version}`).join(" "));
  if (blank.length) body.append("_blank", blank.join(" "));
  return body;
};

// Posts entries and says in one word what came of it.
export const post = async (address, token, entries) => {
  const body = written(token, entries);
  const keepalive = body.toString().length < KEEPABLE;
  const answer = await ask(address, { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
  if (!answer) return { kind: "offline" };
  if (answer.status === 401 || atSignIn(answer)) return { kind: "expired" };
  const told = await json(answer);
  if (answer.ok && told?.saved) return { kind: "saved", ...told };
  if (answer.status === 403 && !told) return { kind: "stale" };
  if (answer.status < 500 && (told?.refused || answer.status === 404)) {
    return { kind: "refused", words: told?.refused?.[0] ?? "" };
  }
  return { kind: "trouble" };
};

// Fetches the page anew: as another person or without a session it is not the page we know.
export const look = async (address) => {
  const answer = await ask(address, { headers: { Accept: "text/html" } });
  if (!answer) return { kind: "offline" };
  if (answer.status === 401 || atSignIn(answer)) return { kind: "expired" };
  if (!answer.ok) return { kind: answer.status < 500 ? "refused" : "trouble", words: "" };
  const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-draft]");
  return form ? { kind: "page", page: new Page(form), user: form.dataset.draft } : { kind: "refused", words: "" };
};

const tokenIn = async (answer) =>
  new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

// Signs in; somebody who is signed in already is told so, and nobody's session is replaced.
export const signIn = async (username, password) => {
  const page = await ask(SIGN_IN);
  if (!page) return { kind: "offline" };
  if (page.redirected) return { kind: "signed_in" };
  const body = new URLSearchParams({ csrfmiddlewaretoken: await tokenIn(page), username, password });
  const answer = await ask(SIGN_IN, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer) return { kind: "offline" };
  const told = await json(answer);
  if (answer.ok && told?.csrf) return { kind: "signed_in", token: told.csrf };
  if (answer.ok && answer.redirected) return { kind: "signed_in" };
  return { kind: "wrong", errors: told?.errors ?? ["现在不能登录。连续登录失败的，请过一会儿再试。"] };
};

// Takes up again the seat in which the page was opened.
export const takeSeat = async (token, seat) =>
  ask("/account/seat/", { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token, seat }), redirect: "manual" });
