// Signs the same person in again on top of the page, so that nothing typed is lost with the session.
import { signIn } from "./line.js";
import { button, element } from "./signs.js";

const field = (label, input) => {
  const name = element("label", "", label);
  name.htmlFor = input.id;
  return element("div", "field", element("div", "field-label", name), element("div", "field-control", input));
};

const control = (id, type, autocomplete) => {
  const input = element("input", "form-control");
  Object.assign(input, { id, type, autocomplete });
  return input;
};

const WORDS = {
  go: "登录并保存",
  told: "刚才填写的内容已存在本机。用同一账号登录后自动保存，不必离开本页。",
};

export class SignIn {
  constructor(user, done, words = WORDS) {
    this.user = user;
    this.done = done;
    this.words = words;
  }

  #draw() {
    const title = element("h2", "", "登录已过期");
    title.id = "sign-in-again-title";
    const name = control("sign-in-again-name", "text", "username");
    Object.assign(name, { value: this.user, readOnly: true });
    this.secret = control("sign-in-again-password", "password", "current-password");
    this.error = element("p", "field-error");
    this.error.setAttribute("role", "alert");
    this.go = element("button", "btn btn-primary", this.words.go);
    const acts = element("div", "confirm-acts", button("稍后登录", "btn btn-secondary", () => this.box.close()), this.go);
    const told = element("p", "", this.words.told);
    const body = element("div", "confirm-body stack-tight", title, told, field("登录名", name), field("密码", this.secret), this.error);
    const form = element("form", "", body, acts);
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try();
    });
    this.box = element("dialog", "confirm", form);
    this.box.setAttribute("aria-labelledby", title.id);
    document.body.append(this.box);
  }

  open() {
    if (!this.box) this.#draw();
    if (this.box.open) return;
    this.error.textContent = "";
    this.secret.value = "";
    this.box.showModal();
    this.secret.focus();
  }

  close() {
    if (this.box?.open) this.box.close();
  }

  async #try() {
    if (!this.secret.value || this.trying) {
      if (!this.trying) this.error.textContent = "请填写密码。";
      return;
    }
    this.trying = true;
    this.go.disabled = true;
    const told = await signIn(this.user, this.secret.value);
    this.trying = false;
    this.go.disabled = false;
    if (told.kind === "signed_in") {
      this.box.close();
      this.done(told.token ?? "");
      return;
    }
    this.error.textContent = told.kind === "offline" ? "未连接网络，连接后再登录。" : told.errors.join("；");
    this.secret.select();
    this.secret.focus();
  }
}
