// Keeps the time left true on a page that stays open, by the server's clock; the words are those of the server.
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ZONE = 8 * 60 * MINUTE;

const dayOf = (at) => Math.floor((at + ZONE) / DAY);

const words = (due, now) => {
  // Midnight belongs to the day that ends.
  const last = dayOf(due - 1);
  const today = dayOf(now);
  if (now >= due) return today > last ? [`已逾期${today - last}天`, "late"] : ["今天已到期", "late"];
  if (last > today) return [`还有${last - today}天`, last - today <= 3 ? "soon" : "calm"];
  const minutes = Math.floor((due - now) / MINUTE);
  if (minutes < 1) return ["今天到期，不足1分钟", "soon"];
  const hours = Math.floor(minutes / 60);
  return [`今天到期，还有${hours ? `${hours}小时` : ""}${minutes % 60 ? `${minutes % 60}分钟` : ""}`, "soon"];
};

const shown = [...document.querySelectorAll(".countdown[data-now]")].map((line) => ({
  line,
  left: line.querySelector(".countdown-left"),
  due: Date.parse(line.querySelector("time").dateTime),
  ahead: Date.parse(line.dataset.now) - Date.now(),
}));

const show = () => {
  for (const { line, left, due, ahead } of shown) {
    const [text, state] = words(due, Date.now() + ahead);
    if (left.textContent !== text) left.textContent = text;
    line.className = `countdown countdown-${state}`;
  }
};

if (shown.length) setInterval(show, 10_000);
