// Writes what the checks find beside the fields and rows, each time the server has judged anew.
const at = (name) => {
  const place = document.querySelector(`[data-field="${CSS.escape(name)}"]`);
  return place?.querySelector(".field-control") ?? place?.querySelector("th");
};

const short = (line) => {
  const copy = line.cloneNode(true);
  copy.removeAttribute("data-found");
  copy.querySelector(".found-places")?.remove();
  return copy;
};

const spread = (verdict) => {
  for (const list of document.querySelectorAll("[data-found-list]")) list.remove();
  const lists = new Map();
  for (const line of verdict.querySelectorAll("[data-found]")) {
    for (const name of line.dataset.found.split(" ")) {
      if (!lists.has(name)) lists.set(name, []);
      lists.get(name).push(short(line));
    }
  }
  for (const code of verdict.dataset.above.split(" ").filter(Boolean)) {
    const reason = document.querySelector(`[data-field="${CSS.escape(code)}"] .draft-reason`);
    if (reason) reason.open = true;
  }
  for (const [name, lines] of lists) {
    const list = document.createElement("ul");
    list.className = "found-list";
    list.dataset.foundList = "";
    list.append(...lines);
    at(name)?.append(list);
  }
};

let known = document.querySelector("[data-verdict]");
new MutationObserver(() => {
  const verdict = document.querySelector("[data-verdict]");
  if (!verdict || verdict === known) return;
  known = verdict;
  spread(verdict);
}).observe(document.querySelector("main"), { childList: true, subtree: true });
