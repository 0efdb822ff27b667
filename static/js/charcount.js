// Says under a text how many characters it has. A field of the application form counts no blanks, as its rule does
// (it has a minimum); other texts count as their limit does, one for each character.
const length = (area) =>
  Array.from("minimum" in area.dataset ? area.value.replace(/\s/g, "") : area.value.replace(/\r\n/g, "\n")).length;

for (const area of document.querySelectorAll("textarea[data-charcount][maxlength], textarea[data-charcount][data-minimum]")) {
  const most = Number(area.getAttribute("maxlength")) || 0;
  const least = Number(area.dataset.minimum) || 0;
  // The limit is told, not enforced while one types: a pasted text stays whole and can be shortened.
  area.removeAttribute("maxlength");
  const line = document.createElement("span");
  line.className = "charcount";
  line.setAttribute("aria-live", "off");
  const show = () => {
    const now = length(area);
    const over = most && now > most;
    const limits = [least ? `至少${least}字` : "", most ? `最多${most}字` : ""].filter(Boolean).join("，");
    line.textContent = over ? `已写${now}字，超出${now - most}字` : `已写${now}字（${limits}）`;
    line.classList.toggle("charcount-over", Boolean(over));
  };
  area.after(line);
  area.addEventListener("input", show);
  show();
}
