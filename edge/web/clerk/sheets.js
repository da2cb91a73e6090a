// Questions over the case panel, each answered by a digit or by Enter; Escape goes back and changes nothing.

import { amount, dueText, tellText } from "/clerk/case_view.js";
import { make } from "/clerk/desk.js";

export const DEFECTS = [
  "expired",
  "unclear",
  "incomplete",
  "not_matching",
  "not_original",
  "no_seal",
  "no_signature",
  "wrong_form",
  "other",
];
const REASONS = ["not_needed", "not_our_authority", "not_entitled", "duplicate", "suspended", "other"];
const ASIDES = ["fetching_materials", "waiting_for_guidance", "system_trouble", "closing_time"];

// What a sheet is made of: { title, parts, choices: [[value, text]], chosen, now: a digit answers at once, text,
// fields: [{ name, says, secret, number, value }], confirm: word of the button, run(value, text, fields by name) }
export class Sheet {
  #words;
  #root;
  #asked = null;
  #back = null;

  constructor(words, root) {
    this.#words = words;
    this.#root = root;
  }

  get isOpen() {
    return this.#asked !== null;
  }

  open(asked) {
    this.#asked = { chosen: 0, choices: [], parts: [], fields: [], ...asked };
    this.#back = document.activeElement;
    this.#draw();
    this.#root.hidden = false;
    (this.#field ?? this.#root).focus();
    if (this.#field && this.#asked.choices.length) this.#root.focus();
    if (!this.#asked.choices.length) this.#inputs[0]?.focus();
  }

  close() {
    if (!this.#asked) return;
    this.#asked = null;
    this.#root.hidden = true;
    this.#root.replaceChildren();
    if (this.#back?.isConnected && this.#back !== document.body) this.#back.focus();
  }

  get #field() {
    return this.#root.querySelector("textarea");
  }

  get #inputs() {
    return [...this.#root.querySelectorAll("input")];
  }

  #draw() {
    const { title, parts, choices, confirm, text } = this.#asked;
    const heading = make("h3", "", title);
    heading.id = "sheet-title";
    const list = make("div", "sheet-choices");
    list.setAttribute("role", "radiogroup");
    list.append(...choices.map(([, says], place) => this.#choice(says, place)));
    const keys = make("div", "case-row");
    if (confirm) keys.append(this.#button(confirm, "Enter", "key key-first", () => this.#confirm()));
    keys.append(this.#button(this.#words.say("sheet.back"), "Esc", "key", () => this.close()));
    const field = [];
    if (text) {
      const label = make("label", "sheet-text");
      const area = make("textarea");
      Object.assign(area, { maxLength: 500, rows: 2 });
      label.append(make("span", "", text), area);
      field.push(label);
    }
    this.#root.replaceChildren(heading, ...parts, ...(choices.length ? [list] : []), ...this.#fields(), ...field, keys);
    this.#drawChosen();
  }

  #fields() {
    return this.#asked.fields.map(({ name, says, secret, number, value }) => {
      const label = make("label", "sheet-text");
      const input = make("input");
      Object.assign(input, { name, type: secret ? "password" : "text", autocomplete: "off", maxLength: 60, value: value ?? "" });
      if (number || secret) input.inputMode = "numeric";
      label.append(make("span", "", says), input);
      return label;
    });
  }

  #choice(says, place) {
    const choice = make("button", "sheet-choice");
    choice.type = "button";
    choice.setAttribute("role", "radio");
    choice.append(make("kbd", "", String(place + 1)), make("span", "", says));
    choice.addEventListener("click", () => this.#choose(place));
    return choice;
  }

  #button(says, key, look, does) {
    const button = make("button", look);
    button.type = "button";
    button.append(make("span", "", says), make("kbd", "", key));
    button.addEventListener("click", does);
    return button;
  }

  #drawChosen() {
    [...this.#root.querySelectorAll(".sheet-choice")].forEach((choice, place) => {
      choice.setAttribute("aria-checked", String(!this.#asked.now && place === this.#asked.chosen));
    });
  }

  #choose(place) {
    if (place < 0 || place >= this.#asked.choices.length) return;
    this.#asked.chosen = place;
    this.#drawChosen();
    if (this.#asked.now) this.#confirm();
    else if (this.#field && this.#asked.choices[place][0] === "other") this.#field.focus();
    else this.#inputs[0]?.focus();
  }

  #confirm() {
    const { run, choices, chosen, needsText } = this.#asked;
    const value = choices[chosen]?.[0];
    const text = this.#field?.value.trim() ?? "";
    if (needsText === value && value && !text) {
      this.#field.focus();
      return;
    }
    const empty = this.#inputs.find((input) => !input.value.trim());
    if (empty) {
      empty.focus();
      return;
    }
    const fields = Object.fromEntries(this.#inputs.map((input) => [input.name, input.value.trim()]));
    this.close();
    run(value, text, fields);
  }

  // Every key is the sheet's while it is open, but for Tab and what goes into its field.
  pressed(event) {
    if (event.code === "Tab") return this.#turn(event);
    if (event.code === "Escape") {
      this.close();
      return true;
    }
    const isEnter = event.code === "Enter" || event.code === "NumpadEnter";
    if (isEnter && event.target.closest("button") && this.#root.contains(event.target)) return false;
    if (isEnter) {
      if (!event.repeat && this.#asked.confirm) this.#confirm();
      return true;
    }
    if (event.target === this.#field || this.#inputs.includes(event.target)) return false;
    if (event.code === "Space") return !event.target.closest("button");
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (digit && !event.repeat) this.#choose(Number(digit) - 1);
    else if (step && !this.#asked.now) this.#choose(this.#asked.chosen + step);
    return true;
  }

  // The focus stays inside.
  #turn(event) {
    const inside = [...this.#root.querySelectorAll("button, textarea, input")];
    const [first, last] = [inside[0], inside.at(-1)];
    const end = event.shiftKey ? first : last;
    if (document.activeElement !== end && this.#root.contains(document.activeElement)) return false;
    (event.shiftKey ? last : first).focus();
    return true;
  }
}

// The result may also be fetched at another hall's counter: `counter LH-0001`.
export function receiveSheet(words, taken, run) {
  const choices = taken.deliveries.map((one) => [one, words.say(`receipt.delivery.${one}`)]);
  for (const place of taken.elsewhere) {
    choices.push([`counter ${place.site}`, words.say("sheet.fetch_at", { place: words.own(place.name) })]);
  }
  const due = make("p", "sheet-due", dueText(words, taken));
  const title = words.say("sheet.receive", { item: words.own(taken.item_name) });
  return { title, parts: [due, materialsList(words, taken)], choices, confirm: words.say("case_do.receive"), run };
}

function materialsList(words, taken) {
  const list = make("ol", "told");
  for (const line of taken.materials.filter((each) => each.state && each.state !== "missing")) {
    const parts = [words.own(line.name), words.say(`form.${line.form}`)];
    parts.push(amount(words, line.originals, line.copies));
    if (line.pages.length) parts.push(words.say("case.pages", { n: line.pages.length }));
    list.append(make("li", "", parts.filter(Boolean).join("　")));
  }
  return list;
}

export function noticeSheet(words, taken, run) {
  const list = make("ol", "told");
  for (const line of taken.tell) {
    const wanted = taken.materials.find((each) => each.material === line.material);
    const entry = make("li", "", tellText(words, line));
    const how = wanted ? amount(words, wanted.wanted_originals, wanted.wanted_copies) : "";
    if (how) entry.append(make("small", "", words.say("notice.wanted", { amount: how })));
    list.append(entry);
  }
  const paper = make("div", "sheet-paper");
  paper.append(
    make("h4", "", words.say("notice.title")),
    make("p", "", words.own(taken.item_name)),
    make("p", "", words.say("notice.opening")),
    list,
    make("p", "", words.say("notice.closing")),
  );
  const hint = make("p", "hint", words.say("sheet.notice_hint"));
  return { title: words.say("sheet.notice"), parts: [hint, paper], confirm: words.say("case_do.notice"), run };
}

// Who looks through it: the window itself, the unit that the item names, any other.
export function precheckSheet(words, taken, units, run) {
  const found = make("ol", "told");
  found.append(...taken.tell.map((line) => make("li", "", tellText(words, line))));
  const hint = make("p", "hint", words.say("precheck.hint"));
  const parts = taken.tell.length ? [hint, found] : [hint, make("p", "sheet-due", words.say("precheck.complete"))];
  const others = Object.entries(units).sort(([one], [other]) => (other === taken.decides) - (one === taken.decides));
  const choices = [["", words.say("precheck.window")], ...others.map(([id, name]) => [id, words.own(name)])];
  const title = words.say("precheck.title", { item: words.own(taken.item_name) });
  return { title, parts, choices, confirm: words.say("case_do.precheck"), run };
}

export function refuseSheet(words, taken, run) {
  return {
    title: words.say("sheet.refuse", { item: words.own(taken.item_name) }),
    parts: [make("p", "hint", words.say("sheet.refuse_hint"))],
    choices: REASONS.map((one) => [one, words.say(one === "other" ? "sheet.reason_other" : `reason.${one}`)]),
    text: words.say("sheet.refuse_text"),
    needsText: "other",
    confirm: words.say("case_do.refuse"),
    run,
  };
}

export function defectSheet(words, line, run) {
  const title = words.say("sheet.defect", { name: words.own(line.name) });
  return { title, choices: DEFECTS.map((one) => [one, words.say(`why.${one}`)]), now: true, run };
}

export function asideSheet(words, run) {
  const parts = [make("p", "hint", words.say("sheet.aside_hint"))];
  return { title: words.say("sheet.aside"), parts, choices: ASIDES.map((one) => [one, words.say(`aside.${one}`)]), now: true, run };
}

export function dropSheet(words, run) {
  const choices = ["withdrawn", "mistake"].map((one) => [one, words.say(`drop.${one}`)]);
  const parts = [make("p", "hint", words.say("sheet.drop_hint"))];
  return { title: words.say("sheet.drop"), parts, choices, now: true, run };
}
