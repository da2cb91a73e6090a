// Any device that has no part of its own: what it is, what a bystander sees of it, what a hand can do.

import { el } from "./dom.js";
import { DeviceBar } from "./device.js";
import { hands } from "./hands.js";
import { both, sayOr } from "./words.js";

// Said elsewhere on the bar, or of no use to a bystander.
const HIDDEN = new Set(["is", "id", "kind", "plugged", "powered", "faults", "actions", "hands", "troubles"]);
const LONGEST = 90;

function isGroup(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Groups one line an entry, so that nobody has to read braces. */
function seen(value) {
  if (!isGroup(value)) return [shown(value)];
  return Object.entries(value).map(([name, one]) => el("div", {}, `${name}: ${isGroup(one) ? Object.values(one).map(shown).join(" · ") : shown(one)}`));
}

function shown(value) {
  if (value === true || value === false) return sayOr(value ? "yes" : "no", String(value));
  if (value === null || value === "" || (Array.isArray(value) && !value.length)) return "–";
  const text = Array.isArray(value) && value.every((one) => typeof one !== "object") ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

export class Thing {
  constructor(view, register) {
    this.bar = new DeviceBar(view.id);
    this.facts = el("dl", { class: "facts" });
    this.hands = el("ul", { class: "hands" });
    this.built = "";
    const title = sayOr(`kind_${view.kind}`, null) ? both(`kind_${view.kind}`) : el("span", {}, view.kind);
    this.element = el("article", { class: "window thing generic", data: { thing: view.id, kind: view.kind } }, el("header", {}, el("h2", {}, title), this.bar.element), this.facts, this.hands);
    register(`device:${view.id}`, (message) => this.update(message));
    this.update(view);
  }

  update(view) {
    this.bar.update(view);
    this.element.classList.toggle("dead", !view.powered);
    const facts = Object.entries(view).filter(([name]) => !HIDDEN.has(name));
    this.facts.replaceChildren(...facts.flatMap(([name, value]) => [el("dt", {}, sayOr(`fact_${name}`, name.replaceAll("_", " "))), el("dd", { data: { fact: name }, title: typeof value === "object" ? JSON.stringify(value) : String(value) }, ...seen(value))]));
    const now = JSON.stringify(view.hands);
    if (now === this.built) return;
    this.built = now;
    this.hands.replaceChildren(...hands(view));
    this.hands.hidden = !this.hands.children.length;
  }
}
