// Ranks by drag and by keyboard. The server decides: each move is sent at once and the page takes the order it answers.
const board = document.querySelector("[data-ranking]");
const form = document.getElementById("order");
const lists = [...board.querySelectorAll("[data-list]")];
const told = board.querySelector("[data-told]");
const refusal = board.querySelector("[data-refused]");
const dialog = document.querySelector("[data-demote]");
const crossing = "cross" in board.dataset;
const EDGE = 90;
const SCROLL = 14;

let sent = Promise.resolve();
let waiting = 0;
let held = null;

const rowsOf = (list) => [...list.querySelectorAll("tr[data-key]")];
const listOf = (row) => row.closest("[data-list]");
const gripOf = (row) => row.querySelector("[data-grip]");
const nameOf = (row) => row.querySelector("th a").textContent;
const say = (words) => {
  told.textContent = words;
};
const stand = (row) => `${listOf(row).dataset.label}第${rowsOf(listOf(row)).indexOf(row) + 1}位，共${rowsOf(listOf(row)).length}位`;

const asItWas = () => lists.map((list) => [list, rowsOf(list)]);
const tidy = () => {
  for (const list of lists) list.querySelector("[data-no-rows]").hidden = rowsOf(list).length > 0;
};
const put = (list, row, before) => {
  list.insertBefore(row, before || list.querySelector("[data-no-rows]"));
  tidy();
};
const restore = (before) => {
  for (const [list, rows] of before) for (const row of rows) put(list, row, null);
};

// One place up or down, over the border between the lists where the seat may.
const step = (row, by) => {
  const list = listOf(row);
  const rows = rowsOf(list);
  const at = rows.indexOf(row) + by;
  if (at >= 0 && at < rows.length) put(list, row, by < 0 ? rows[at] : rows[at].nextElementSibling);
  else {
    const other = lists[lists.indexOf(list) + by];
    if (!crossing || !other) return false;
    put(other, row, by < 0 ? null : rowsOf(other)[0]);
  }
  return true;
};

// The rank it comes to: of the one it took the place of. Ranks that are not shown stay between those that are.
const rankFor = (row, from) => {
  const list = listOf(row);
  const rank = (other) => Number(other.dataset.rank);
  const rows = rowsOf(list);
  const at = rows.indexOf(row);
  if (list !== from.list) return at + 1 < rows.length ? rank(rows[at + 1]) : at ? rank(rows[at - 1]) + 1 : 1;
  return at > from.at ? rank(rows[at - 1]) : rank(rows[at + 1]);
};

const reason = (row) =>
  new Promise((answer) => {
    dialog.querySelector("[data-words]").textContent = `${nameOf(row)}由拟推荐改列备选，空出一个推荐名额。`;
    dialog.querySelector("textarea").value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes" ? dialog.querySelector("textarea").value.trim() : ""), { once: true });
    dialog.showModal();
  });

const mark = (row, one) => {
  row.dataset.rank = one.rank;
  row.classList.toggle("row-differs", one.ask);
  const input = row.querySelector("input");
  input.value = one.rank;
  input.defaultValue = one.rank;
  gripOf(row).setAttribute("aria-label", `移动${nameOf(row)}，现为第${one.rank}位`);
  for (const sign of row.querySelectorAll("[data-mark]")) sign.hidden = !one[sign.dataset.mark];
  const words = row.querySelector("[data-reason]");
  if (words) words.textContent = one.reason;
};

const take = (order) => {
  form.elements.seen.value = order.version;
  if (waiting) return true;
  for (const list of lists) {
    const order_of_list = order[list.dataset.list];
    const rows = order_of_list.map((one) => document.getElementById(`case-${one.key}`));
    if (rows.some((row) => !row) || rowsOf(list).some((row) => !rows.includes(row) && listOf(row) === list && !known(order, row))) return false;
    order_of_list.forEach((one, at) => {
      const focused = rows[at].contains(document.activeElement) ? document.activeElement : null;
      put(list, rows[at], null);
      focused?.focus();
      mark(rows[at], one);
      const [up, down] = rows[at].querySelectorAll(".rank-step");
      up.disabled = at === 0;
      down.disabled = at === rows.length - 1;
      up.value = at ? order_of_list[at - 1].rank : one.rank;
      down.value = at < rows.length - 1 ? order_of_list[at + 1].rank : one.rank;
    });
  }
  const lacking = board.querySelector("[data-lacking]");
  lacking.hidden = !order.lacking;
  lacking.querySelector("[data-words]").textContent = order.lacking;
  return true;
};
const known = (order, row) => [...order.listed, ...order.reserves].some((one) => String(one.key) === row.dataset.key);

const refuse = (words) => {
  refusal.hidden = !words;
  refusal.querySelector("[data-words]").textContent = words;
  if (words) refusal.scrollIntoView({ block: "nearest" });
};

const send = async (row, before, fields) => {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("seen", form.elements.seen.value);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const address = row.querySelector(".rank-step").formAction;
  let answer;
  try {
    const response = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" } });
    if (![200, 409].includes(response.status)) throw new Error(response.status);
    answer = await response.json();
  } catch {
    waiting -= 1;
    restore(before);
    refuse("没有连上服务器，次序没有改动。请刷新页面后再办理。");
    return;
  }
  waiting -= 1;
  refuse(answer.refused);
  say(answer.refused || answer.said);
  if (!take(answer.order) || (fields.crossed && !answer.refused)) {
    window.location.hash = row.id;
    window.location.reload();
  }
};

// Send where the row stands now; what was before comes back if the reason is not given or the line is down.
const settle = async (row, from) => {
  const list = listOf(row);
  if (list === from.list && rowsOf(list).indexOf(row) === from.at) return;
  const fields = { to: rankFor(row, from), side: list.dataset.list };
  if (list !== from.list) {
    fields.crossed = "1";
    if (list.dataset.list === "reserves") {
      fields.reason = await reason(row);
      if (!fields.reason) {
        restore(from.before);
        gripOf(row).focus();
        say(`${nameOf(row)}没有移动。`);
        return;
      }
    }
  }
  waiting += 1;
  sent = sent.then(() => send(row, from.before, fields));
};

const from = (row) => ({ list: listOf(row), at: rowsOf(listOf(row)).indexOf(row), before: asItWas() });

// ---- by pointer: mouse, pen, finger

const nearest = (y) => {
  const open = crossing ? lists : [listOf(held.row)];
  const gap = (list) => {
    const { top, bottom } = list.getBoundingClientRect();
    return Math.max(top - y, y - bottom, 0);
  };
  return open.reduce((best, list) => (gap(list) < gap(best) ? list : best));
};
const follow = () => {
  if (!held || held.y === undefined) return;
  const list = nearest(held.y);
  const next = rowsOf(list).find((row) => row !== held.row && row.getBoundingClientRect().top + row.offsetHeight / 2 > held.y);
  const present = held.row.nextElementSibling;
  if (listOf(held.row) !== list || present !== (next || list.querySelector("[data-no-rows]"))) put(list, held.row, next);
};
const scroll = () => {
  if (!held?.pointer) return;
  const by = held.y < EDGE ? -SCROLL : held.y > window.innerHeight - EDGE ? SCROLL : 0;
  if (by) {
    window.scrollBy(0, by);
    follow();
  }
  window.requestAnimationFrame(scroll);
};
const grab = (row, more) => {
  held = { row, start: from(row), ...more };
  row.classList.add("moving");
  board.classList.add("is-moving");
};
const release = () => {
  const { row, start } = held;
  held = null;
  row.classList.remove("moving");
  board.classList.remove("is-moving");
  gripOf(row).setAttribute("aria-pressed", "false");
  return [row, start];
};
const drop = () => settle(...release());
const giveUp = () => {
  const [row, start] = release();
  restore(start.before);
  say(`${nameOf(row)}没有移动。`);
  return row;
};

board.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0 || held) return;
  event.preventDefault();
  grip.focus({ preventScroll: true });
  grab(grip.closest("tr"), { pointer: event.pointerId, y: undefined });
});
window.addEventListener("pointermove", (event) => {
  if (held?.pointer !== event.pointerId) return;
  const first = held.y === undefined;
  held.y = event.clientY;
  follow();
  if (first) scroll();
});
window.addEventListener("pointerup", (event) => {
  if (held?.pointer === event.pointerId) drop();
});
window.addEventListener("pointercancel", (event) => {
  if (held?.pointer === event.pointerId) giveUp();
});

// ---- by keyboard

const lifted = (event, row) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (by) {
    held.steady = true;
    step(row, by);
    gripOf(row).focus();
    held.steady = false;
    row.scrollIntoView({ block: "nearest" });
    say(stand(row));
  } else if (event.key === " " || event.key === "Enter") {
    say(`放在${stand(row)}。`);
    drop();
  } else if (event.key === "Escape") gripOf(giveUp()).focus();
  else return;
  event.preventDefault();
};
board.addEventListener("keydown", (event) => {
  const row = event.target.closest("tr[data-key]");
  if (!row || event.isComposing) return;
  if (held?.pointer) {
    if (event.key === "Escape") giveUp();
    return;
  }
  if (held) lifted(event, held.row);
  else if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    const start = from(row);
    const focused = document.activeElement;
    if (!step(row, event.key === "ArrowUp" ? -1 : 1)) return;
    focused.focus();
    row.scrollIntoView({ block: "nearest" });
    settle(row, start);
  } else if (event.target.matches("[data-grip]") && [" ", "Enter"].includes(event.key)) {
    event.preventDefault();
    grab(row, {});
    gripOf(row).setAttribute("aria-pressed", "true");
    say(`已拿起${nameOf(row)}，${stand(row)}。按上下方向键移动，空格放下，Esc取消。`);
  }
});
board.addEventListener("focusout", () => {
  if (held && !held.pointer && !held.steady) giveUp();
});

dialog?.querySelector("[data-back]").addEventListener("click", () => dialog.close());
for (const grip of board.querySelectorAll("[data-grip]")) grip.hidden = false;
for (const words of board.querySelectorAll("[data-with-script]")) words.hidden = false;
