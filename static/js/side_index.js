// Marks in the index of a long page the part that is being read, and keeps the mark in sight on narrow screens.
const index = document.querySelector("[data-side-index]");

const parts = new Map();
for (const link of index?.querySelectorAll("a[href^='#']") ?? []) {
  const part = document.getElementById(link.hash.slice(1));
  if (part) parts.set(part, link);
}

let current = null;
const mark = (link) => {
  if (link === current) return;
  current?.removeAttribute("aria-current");
  current = link;
  link.setAttribute("aria-current", "true");
  const strip = link.closest("ol, ul");
  if (strip && strip.scrollWidth > strip.clientWidth) {
    const room = (strip.clientWidth - link.offsetWidth) / 2;
    strip.scrollTo({ left: link.offsetLeft - strip.offsetLeft - room });
  }
};

// The part under the line a third down the window is the one that is read; past the last line it is the last part.
const read = () => {
  const line = window.innerHeight / 3;
  let found = null;
  for (const [part, link] of parts) {
    if (!found || part.getBoundingClientRect().top <= line) found = link;
  }
  const page = document.documentElement;
  const atEnd = page.scrollHeight > page.clientHeight && page.scrollTop + page.clientHeight >= page.scrollHeight - 2;
  mark(atEnd ? [...parts.values()].at(-1) : found);
};

if (parts.size) {
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      read();
    });
  };
  window.addEventListener("scroll", later, { passive: true });
  window.addEventListener("resize", later);
  read();
}
