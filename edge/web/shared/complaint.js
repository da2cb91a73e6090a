// Registering what somebody said: at a window, on the telephone, or found in the paper box. One dialog, used by staff pages.

import { Refused, newId, post } from "/shared/hall.js";

const ABOUT = ["site", "window", "item", "clerk", "other"];

export class ComplaintDialog {
  #words;
  #root;
  #catalogue;
  #path;
  #channels;
  #window;
  #done;
  #id = "";

  // `path` to post to; `channels` offered, the first chosen; `window` of the page, "" = none; `done()` after each.
  constructor(words, root, catalogue, { path, channels, window = "", done = () => {} }) {
    this.#words = words;
    this.#root = root;
    this.#catalogue = catalogue;
    this.#path = path;
    this.#channels = channels;
    this.#window = window;
    this.#done = done;
    root.addEventListener("keydown", (event) => event.stopPropagation());
  }

  open() {
    this.#id = newId();
    this.#root.setAttribute("aria-label", this.#words.say("complaint.register"));
    this.#root.replaceChildren(this.#form());
    this.#root.showModal();
    this.#root.querySelector("textarea").focus();
  }

  #form() {
    const say = (key) => this.#words.say(key);
    const form = make("form", "ask");
    form.noValidate = true;
    const type = choices("type", say("registering.type"), ["complaint", "suggestion"], (one) => say(`complaint.${one}`));
    const channel = choices("channel", say("registering.channel"), this.#channels, (one) => say(`heard_by.${one}`));
    const about = field("select", "about", say("registering.about"));
    about.control.append(...ABOUT.map((one) => new Option(say(`about.${one}`), one)));
    const target = make("div");
    const fit = () => target.replaceChildren(...this.#target(about.control.value));
    about.control.addEventListener("change", fit);
    const text = field("textarea", "text", say("registering.text"));
    Object.assign(text.control, { maxLength: 2000, rows: 5 });
    const name = field("input", "name", say("registering.name"));
    const contact = field("input", "contact", say("registering.contact"));
    Object.assign(name.control, { maxLength: 60, autocomplete: "off" });
    Object.assign(contact.control, { maxLength: 80, autocomplete: "off" });
    const wrong = make("p", "note note-danger");
    wrong.hidden = true;
    wrong.setAttribute("role", "alert");
    const row = make("div", "ask-pair");
    row.append(about.label, target);
    const person = make("div", "ask-pair");
    person.append(name.label, contact.label);
    const kinds = make("div", "ask-pair");
    kinds.append(type, channel);
    form.append(
      make("h2", "", say("complaint.register")),
      kinds,
      row,
      text.label,
      make("p", "hint", say("registering.text_hint")),
      person,
      make("p", "hint", say("registering.anonymous")),
      wrong,
      this.#keys(say("registering.done")),
    );
    fit();
    form.addEventListener("input", () => {
      wrong.hidden = true;
    });
    form.addEventListener("submit", (event) => this.#send(event, form, wrong));
    return form;
  }

  #target(about) {
    const say = (key) => this.#words.say(key);
    const own = (text) => this.#words.own(text);
    if (about === "window") {
      const made = field("select", "target", say("registering.window"));
      const number = (window) => `${window.number}　${own(window.kind)}`;
      made.control.append(...this.#catalogue.windows.map((each) => new Option(number(each), each.id)));
      made.control.value = this.#window || made.control.value;
      return [made.label];
    }
    if (about === "item") {
      const made = field("select", "target", say("registering.item"));
      made.control.append(...this.#catalogue.services.map((each) => new Option(own(each.name), each.id)));
      return [made.label];
    }
    if (about !== "clerk") return [];
    const made = field("input", "target", say("registering.target"));
    Object.assign(made.control, { maxLength: 40, autocomplete: "off" });
    return [made.label];
  }

  #keys(word) {
    const keys = make("div", "card-row");
    if (word) {
      const done = make("button", "button button-primary", word);
      done.type = "submit";
      keys.append(done);
    }
    const back = make("button", "button", this.#words.say(word ? "do.back" : "do.close_note"));
    back.type = "button";
    back.addEventListener("click", () => this.#root.close());
    keys.append(back);
    return keys;
  }

  async #send(event, form, wrong) {
    event.preventDefault();
    const said = new FormData(form);
    const body = { id: this.#id };
    for (const name of ["type", "channel", "about", "text", "name", "contact"]) body[name] = String(said.get(name) ?? "");
    body.target = String(said.get("target") ?? "").trim();
    if (!body.text.trim()) return this.#say(wrong, this.#words.say("registering.empty"), form);
    form.querySelector("[type=submit]").disabled = true;
    try {
      this.#told(await post(this.#path, body));
      this.#done();
    } catch (error) {
      form.querySelector("[type=submit]").disabled = false;
      this.#say(wrong, (error instanceof Refused && error.text) || this.#words.say("watched.unconfirmed"), form);
    }
  }

  #say(wrong, text, form) {
    wrong.textContent = text;
    wrong.hidden = false;
    form.querySelector("textarea").focus();
  }

  // What the complainant must be told; it stays until somebody closes it.
  #told({ number, query_code: code, due }) {
    const say = (key) => this.#words.say(key);
    const list = make("dl", "told-slip");
    for (const [key, value] of [["number", number], ["query_code", code], ["due", due]]) {
      if (value) list.append(make("dt", "", say(`registering.${key}`)), make("dd", "", value));
    }
    const form = make("div", "ask");
    form.append(make("h2", "", say("complaint.register")), make("p", "", say("registering.told")), list, this.#keys(""));
    this.#root.replaceChildren(form);
    form.querySelector("button").focus();
  }
}

function make(tag, look = "", content = "") {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (content) made.textContent = content;
  return made;
}

function field(tag, name, label) {
  const made = make("label", "asked");
  const control = make(tag);
  control.name = name;
  made.append(make("span", "", label), control);
  return { label: made, control };
}

function choices(name, label, values, say) {
  const made = make("fieldset", "asked");
  const row = make("div", "choices");
  row.append(
    ...values.map((value, place) => {
      const choice = make("label", "choice");
      const radio = make("input");
      Object.assign(radio, { type: "radio", name, value, checked: place === 0 });
      choice.append(radio, make("span", "", say(value)));
      return choice;
    }),
  );
  made.append(make("legend", "", label), row);
  return made;
}
