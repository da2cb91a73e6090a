// What is held of the applicant already (核验复用): offered in the checklist, used with a key, declined with a reason.

import { get } from "/shared/hall.js";
import { make, setText } from "/clerk/desk.js";

const at = (id) => document.getElementById(id);
const WHY = ["wrong", "outdated", "unwilling"];
const SHOWN = 20000;

export const isUsable = (held) => Boolean(held) && !held.declined && !held.over;

// Source, number of the earlier case, last day: nothing of it is personal.
export function heldText(words, held) {
  if (!held) return "";
  if (held.declined) return words.say(`held.declined.${held.declined}`);
  if (held.over) return words.say("held.over", { until: held.until });
  const origin = held.source === "case" ? `…${held.origin.slice(-8)}` : held.origin;
  const said = [words.say(`held.source.${held.source}`, { origin })];
  if (held.until) said.push(words.say("held.until", { until: held.until }));
  else if (held.issued) said.push(words.say("held.issued", { issued: held.issued }));
  return said.join(" ");
}

export function declineSheet(words, name, run) {
  return {
    title: words.say("held.decline_title", { name }),
    parts: [make("p", "hint", words.say("held.decline_hint"))],
    choices: WHY.map((why) => [why, words.say(`held.declined.${why}`)]),
    now: true,
    run,
  };
}

export function earlierSheet(words, run) {
  return {
    title: words.say("held.earlier_title"),
    parts: [make("p", "hint", words.say("held.earlier_hint"))],
    fields: [{ name: "number", says: words.say("held.number") }],
    confirm: words.say("held.find"),
    run: (chosen, text, fields) => run(fields.number.trim()),
  };
}

// The fields (信息项) that nobody needs to be asked for. does(what, field)
export function drawFields(words, fields, does) {
  at("fields").hidden = !fields.length;
  const lines = fields.map(({ field, name, held }) => {
    const line = make("li", isUsable(held) ? "field" : "field field-off");
    const facts = held.used && isUsable(held) ? `${words.say("held.used")} · ${heldText(words, held)}` : heldText(words, held);
    line.append(make("strong", "", words.own(name)), make("span", "check-facts", facts));
    if (isUsable(held)) line.append(button(words.say("held.use"), () => does("use_field", field)));
    if (isUsable(held)) line.append(button(words.say("held.decline"), () => does("decline_field", field)));
    return line;
  });
  at("field-list").replaceChildren(...lines);
}

function button(says, run) {
  const made = make("button", "button button-small", says);
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

// A sealed value, fetched (and recorded as shown) only after it was used; gone again after a while.
export class HeldValue {
  #words;
  #timer = 0;

  constructor(words) {
    this.#words = words;
  }

  async show(window, what, name) {
    const { value } = await get(`/api/window/${window}/case/held/${encodeURIComponent(what)}`);
    at("held-value").hidden = false;
    setText(at("held-value"), this.#words.say("held.value", { name, value }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), SHOWN);
  }

  hide() {
    clearTimeout(this.#timer);
    at("held-value").hidden = true;
    setText(at("held-value"), "");
  }
}
