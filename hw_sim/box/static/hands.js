// What a hand can do to any device, made from what the device says of its acts: a button, with its values beside it.

import { act, el } from "./dom.js";
import { both, sayOr } from "./words.js";

const INPUTS = { whole: { type: "number", step: 1 }, number: { type: "number", step: "any" }, text: { type: "text" } };

function field({ name, form, options, usual }) {
  const label = sayOr(`value_${name}`, name);
  if (form === "choice" || form === "switch") {
    const values = form === "switch" ? [true, false] : options;
    const shown = (value) => (form === "switch" ? sayOr(value ? "yes" : "no", String(value)) : sayOr(`choice_${value}`, String(value)));
    const entries = values.map((value, n) => el("option", { value: n, selected: value === usual }, shown(value)));
    const select = el("select", { "aria-label": label, title: label, data: { value: name } }, ...entries);
    return { name, element: select, read: () => values[Number(select.value)] };
  }
  const input = el("input", { ...INPUTS[form], value: usual ?? (form === "text" ? "" : 0), placeholder: label, "aria-label": label, title: label, data: { value: name } });
  return { name, element: input, read: () => (form === "text" ? input.value : Number(input.value)) };
}

function hand(device, action, values) {
  const fields = values.map(field);
  const pressed = () => act(device, action, Object.fromEntries(fields.map((one) => [one.name, one.read()])));
  const button = el("button", { type: "button", data: { action }, onclick: pressed }, sayOr(`act_${action}`, null) ? both(`act_${action}`) : action);
  return el("li", { class: fields.length ? "hand with-values" : "hand" }, button, ...fields.map((one) => one.element));
}

/** All acts of a device, or those named. */
export function hands(view, only = null) {
  const wanted = Object.entries(view.hands ?? {}).filter(([action]) => only === null || only.includes(action));
  return wanted.map(([action, values]) => hand(view.id, action, values));
}
