// Says under a text how many characters it has. A field of the application form counts as its rule does: every
// character but white space, punctuation included. Other texts count as their limit does, one for each character.
const BLANK = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

const measure = (area) => {
  const ruled = "minimum" in area.dataset || "maximum" in area.dataset;
  const most = Number(area.dataset.maximum || area.getAttribute("maxlength")) || 0;
  const least = Number(area.dataset.minimum) || 0;
  const text = () => (ruled ? area.value.replace(BLANK, "") : area.value.replace(/\r\n/g, "\n"));
  return { most, least, count: () => Array.from(text()).length };
};

const words = (now, least, most) => {
  const limits = least && most ? `${least}字至${most}字` : least ? `至少${least}字` : `最多${most}字`;
  if (most && now > most) return `已写${now}字，超出${now - most}字（${limits}）`;
  if (now && now < least) return `已写${now}字，还差${least - now}字（${limits}）`;
  return `已写${now}字（${limits}）`;
};

for (const area of document.querySelectorAll("textarea[data-charcount]")) {
  const { most, least, count } = measure(area);
  // The limit is told, not enforced while one types: a pasted text stays whole and can be shortened.
  area.removeAttribute("maxlength");
  const line = document.createElement("span");
  line.className = "charcount no-print";
  line.setAttribute("aria-live", "off");
  const show = () => {
    const now = count();
    line.textContent = words(now, least, most);
    line.classList.toggle("charcount-over", Boolean(most && now > most));
  };
  area.after(line);
  area.addEventListener("input", show);
  show();
}
