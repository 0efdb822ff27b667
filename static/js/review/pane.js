// What a row rests on, beside the table where there is room for it, and its evidence looked at in the page.
const WIDE = window.matchMedia("(min-width: 1100px)");
const LATER = 250;

export class Pane {
  #looking = false;

  constructor(form) {
    this.desk = form.querySelector(".desk");
    this.box = form.querySelector("[data-pane]");
    this.large = document.querySelector("[data-large]");
    WIDE.addEventListener("change", () => this.show(this.row));
    this.large?.addEventListener("close", () => this.large.querySelector("[data-large-place]").replaceChildren());
  }

  // Takes up what belongs to a row; what another row had goes back to its place.
  show(row) {
    this.#back();
    this.row = row;
    const beside = WIDE.matches && Boolean(row);
    this.desk.classList.toggle("desk-open", WIDE.matches);
    this.box.hidden = !beside;
    if (!beside) return;
    this.more = row.querySelector("[data-more]");
    this.home = this.more.parentElement;
    this.box.replaceChildren(this.more);
    this.box.scrollTop = 0;
    clearTimeout(this.timer);
    if (this.#looking) this.timer = setTimeout(() => this.#open(this.#looks()[0]), LATER);
  }

  #back() {
    if (!this.more) return;
    for (const look of this.#looks()) look.open = false;
    this.home.append(this.more);
    this.more = null;
  }

  #looks() {
    const place = this.more ?? this.row?.querySelector("[data-more]");
    return place ? [...place.querySelectorAll(".piece-look")] : [];
  }

  #open(look) {
    for (const other of this.#looks()) other.open = other === look;
    if (!look) return;
    this.#bring(look);
    look.querySelector("img")?.addEventListener("load", () => this.#bring(look), { once: true });
  }

  #bring(look) {
    if (!this.more) look.scrollIntoView({ block: "nearest" });
    else this.box.scrollTop += look.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
  }

  // Looks at the next piece of the row's evidence; after the last one at the first again.
  next() {
    const looks = this.#looks();
    if (!looks.length) return false;
    const folded = this.row.querySelector(".row-more");
    if (!this.more) folded.open = true;
    this.#looking = true;
    this.#open(looks[(looks.findIndex((look) => look.open) + 1) % looks.length]);
    return true;
  }

  close() {
    if (!this.#looking) return false;
    this.#looking = false;
    this.#open(null);
    return true;
  }

  enlarge() {
    const shown = this.#looks().find((look) => look.open)?.querySelector("img, iframe");
    if (!shown || !this.large) return;
    const copy = shown.cloneNode(true);
    copy.removeAttribute("loading");
    this.large.querySelector("[data-large-place]").replaceChildren(copy);
    this.large.showModal();
  }
}
