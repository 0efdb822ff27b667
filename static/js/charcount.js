// Says under a text how many characters it has; counts as people count, one for each character.
const length = (value) => Array.from(value.replace(/\r\n/g, "\n")).length;

for (const area of document.querySelectorAll("textarea[data-charcount][maxlength], textarea[data-charcount][data-minimum]")) {
  const most = Number(area.getAttribute("maxlength")) || 0;
  const least = Number(area.dataset.minimum) || 0;
  // The limit is told, not enforced while one types: a pasted text stays whole and can be shortened.
  area.removeAttribute("maxlength");
  const line = document.createElement("span");
  line.className = "charcount";
  line.setAttribute("aria-live", "off");
  const show = () => {
    const now = length(area.value);
    const over = most && now > most;
    const limits = [least ? `至少${least}字` : "", most ? `最多${most}字` : ""].filter(Boolean).join("，");
    line.textContent = over ? `已写${now}字，超出${now - most}字` : `已写${now}字（${limits}）`;
    line.classList.toggle("charcount-over", Boolean(over));
  };
  area.after(line);
  area.addEventListener("input", show);
  show();
}
