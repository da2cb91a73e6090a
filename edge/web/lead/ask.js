// A dialog for one step: what it needs, and nothing else. Escape changes nothing.

import { Refused } from "/shared/hall.js";
import { button, make } from "/lead/pieces.js";

const VERDICTS = ["true", "untrue", "mistaken"];
const CONTENTS = { yes: true, no: false, none: null };

export class Ask {
  #root;
  #words;

  constructor(words, root) {
    this.#words = words;
    this.#root = root;
    root.addEventListener("keydown", (event) => event.stopPropagation()); // the page's own keys rest meanwhile
  }

  // `kind` task or complaint; `leads` id -> name; `run(body)` does the step and may throw.
  step(kind, name, leads, run) {
    const words = this.#words;
    const parts = [make("p", "", words.say(`ask.${name}`))];
    if (name === "assign") parts.push(select("to", words.say("ask.to"), Object.entries(leads)));
    if (name === "redirect") parts.push(input("to", words.say("ask.unit")));
    if (name === "verify") parts.push(radios("verdict", VERDICTS.map((each) => [each, words.say(`verdict.${each}`)])));
    if (name === "revisit") {
      parts.push(radios("content", Object.keys(CONTENTS).map((each) => [each, words.say(`content.${each}`)])));
    }
    const needed = kind === "complaint" && name === "reply";
    parts.push(area("text", words.say(needed ? "ask.needed" : "ask.note"), needed));
    this.#open(words.say(`do.${name}`), parts, words.say("do.confirm"), async (form) => {
      const body = { text: String(form.get("text") ?? "") };
      if (form.has("to")) body.to = String(form.get("to"));
      if (form.has("verdict")) body.verdict = String(form.get("verdict"));
      if (form.has("content")) body.content = CONTENTS[String(form.get("content"))];
      await run(body);
    });
  }

  // More free pages today. `run({number, pages, why})`; without a number they are the hall's.
  pages(reasons, run) {
    const words = this.#words;
    const number = field("number", { maxLength: 8, autocomplete: "off" });
    const pages = field("pages", { type: "number", min: 1, max: 100, value: 10, required: true });
    const parts = [
      make("p", "", words.say("copies.ask")),
      labelled(words.say("copies.number"), number),
      labelled(words.say("copies.pages"), pages),
      radios("why", reasons.map((each) => [each, words.say(`copies.why.${each}`)])),
    ];
    this.#open(words.say("copies.grant"), parts, words.say("do.confirm"), (form) =>
      run({ number: String(form.get("number")).trim().toUpperCase(), pages: Number(form.get("pages")), why: String(form.get("why")) }),
    );
  }

  note({ text, name, contact }) {
    const words = this.#words;
    const parts = [make("p", "note-text", text)];
    if (name) parts.push(make("p", "", words.say("ask.name", { name })));
    if (contact) parts.push(make("p", "", words.say("ask.contact", { contact })));
    parts.push(make("p", "hint", words.say("ask.read_kept")));
    this.#open("", parts, "", null);
  }

  close() {
    this.#root.close();
  }

  #open(title, parts, confirm, run) {
    const words = this.#words;
    const form = make("form", "ask");
    form.noValidate = false;
    const wrong = make("p", "note note-danger");
    wrong.hidden = true;
    wrong.setAttribute("role", "alert");
    const keys = make("div", "card-row");
    if (run) {
      const done = make("button", "button button-primary", confirm);
      done.type = "submit";
      keys.append(done);
    }
    keys.append(button(words.say(run ? "do.back" : "do.close_note"), "button", () => this.close()));
    if (title) form.append(make("h2", "", title));
    form.append(...parts, wrong, keys);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      keys.firstChild.disabled = true;
      try {
        await run(new FormData(form));
        this.close();
      } catch (error) {
        wrong.textContent = refusedText(words, error);
        wrong.hidden = false;
        keys.firstChild.disabled = false;
      }
    });
    this.#root.replaceChildren(form);
    this.#root.setAttribute("aria-label", title || words.say("chain.read"));
    this.#root.showModal();
  }
}

// What a refusal says, and who can.
export function refusedText(words, error) {
  if (!(error instanceof Refused) || !error.text) return words.say("watched.unconfirmed");
  const who = error.who && error.who !== "nobody" ? words.say("watched.who", { who: words.say(`who.${error.who}`) }) : "";
  return `${error.text}${who && words.language === "en" ? " " : ""}${who}`;
}

function labelled(label, field) {
  const made = make("label", "asked");
  made.append(make("span", "", label), field);
  return made;
}

function select(name, label, choices) {
  const made = make("select");
  made.name = name;
  made.append(...choices.map(([value, text]) => new Option(text, value)));
  return labelled(label, made);
}

function input(name, label) {
  return labelled(label, field(name, { required: true, maxLength: 40, pattern: "[A-Za-z0-9:._\\-]{1,40}", autocomplete: "off" }));
}

function field(name, kind) {
  return Object.assign(make("input"), { name, ...kind });
}

function area(name, label, required) {
  const made = make("textarea");
  Object.assign(made, { name, required, maxLength: 2000, rows: 4 });
  return labelled(label, made);
}

function radios(name, choices) {
  const made = make("div", "choices");
  made.setAttribute("role", "radiogroup");
  made.append(
    ...choices.map(([value, text]) => {
      const label = make("label", "choice");
      const radio = make("input");
      Object.assign(radio, { type: "radio", name, value, required: true });
      label.append(radio, make("span", "", text));
      return label;
    }),
  );
  return made;
}
