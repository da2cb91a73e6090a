// A window of the hall: its panel above, the clerk's keypad and the citizen's rating pad on the counter.

import { act, el, svg } from "./dom.js";
import { DeviceBar } from "./device.js";
import { Lamps } from "./lamps.js";
import { both, say } from "./words.js";

const KEY_ROWS = [
  ["1", "2", "3", "call", "recall", "cancel"],
  ["4", "5", "6", "start", "evaluate", "transfer"],
  ["7", "8", "9", "pause", "line", "ok"],
];
// Seven segments, drawn in a field of 20 by 34.
const SEGMENTS = {
  a: "4,2 16,2 13,5 7,5",
  b: "17,3 17,16 14,14 14,6",
  c: "17,18 17,31 14,28 14,20",
  d: "4,32 16,32 13,29 7,29",
  e: "3,18 3,31 6,28 6,20",
  f: "3,3 3,16 6,14 6,6",
  g: "4,17 7,15.4 13,15.4 16,17 13,18.6 7,18.6",
};
const DIGITS = { 0: "abcdef", 1: "bc", 2: "abged", 3: "abgcd", 4: "fgbc", 5: "afgcd", 6: "afgedc", 7: "abc", 8: "abcdefg", 9: "abcdfg", _: "d" };

function digit(letter) {
  const lit = DIGITS[letter] ?? "";
  const parts = Object.entries(SEGMENTS).map(([name, points]) => svg("polygon", { points, class: lit.includes(name) ? "on" : "" }));
  return svg("svg", { viewBox: "0 0 20 34", class: "digit" }, ...parts);
}

export class Keypad {
  constructor(id) {
    this.bar = new DeviceBar(id);
    this.display = el("div", { class: "display", role: "img" });
    this.typed = el("output", { class: "typed" });
    const key = (name) =>
      el(
        "button",
        { type: "button", class: /\d/.test(name) ? "key number" : `key function ${name}`, data: { key: name }, onclick: () => act(id, "press", { key: name }) },
        /\d/.test(name) ? name : both(`key_${name}`),
      );
    const keys = el("div", { class: "keys" }, ...KEY_ROWS.flat().map(key), key("0"), this.typed);
    this.element = el("div", { class: "thing keypad" }, this.bar.element, el("div", { class: "body" }, this.display, keys));
  }

  update(view) {
    this.bar.update(view);
    this.element.classList.toggle("dead", !view.powered);
    const shown = view.powered ? view.display : "      ";
    this.display.replaceChildren(...[...shown].map(digit));
    this.display.dataset.text = shown;
    this.display.setAttribute("aria-label", shown.trim() || say("dark"));
    this.typed.textContent = view.typed || "–";
    this.typed.title = say("typed");
  }
}

function face(value, best) {
  const mood = best ? value / best : 0;
  const bend = (mood - 0.5) * 14;
  return svg(
    "svg",
    { viewBox: "0 0 40 40", class: "face" },
    svg("circle", { cx: 20, cy: 20, r: 16 }),
    svg("circle", { cx: 14.5, cy: 16.5, r: 1.9, class: "eye" }),
    svg("circle", { cx: 25.5, cy: 16.5, r: 1.9, class: "eye" }),
    svg("path", { d: `M12.5 ${26 - bend / 3} Q20 ${26 + bend} 27.5 ${26 - bend / 3}` }),
  );
}

export class Pad {
  constructor(id) {
    this.id = id;
    this.bar = new DeviceBar(id);
    this.screen = el("div", { class: "pad-screen" });
    this.faces = el("div", { class: "faces" });
    this.element = el("div", { class: "thing pad" }, this.bar.element, el("div", { class: "body" }, this.screen, this.faces));
    this.keys = 0;
  }

  update(view) {
    this.bar.update(view);
    if (view.keys !== this.keys) this.build(view.keys, view.kind === "tablet");
    this.element.dataset.state = view.state;
    this.element.classList.toggle("identifying", Boolean(view.identifying));
    this.element.classList.toggle("dead", !view.powered);
    const stars = view.stars ? el("div", { class: "stars" }, "★".repeat(view.stars)) : null;
    this.screen.replaceChildren(both(view.text ? "" : `pad_says_${view.state}`), ...(view.text ? [view.text] : []), ...(stars ? [stars] : []));
    const given = view.kind === "tablet" ? view.level : view.value;
    for (const button of this.faces.children) button.classList.toggle("given", Number(button.dataset.value) === given);
  }

  /** An RS-485 pad counts its keys from 0, a tablet says the level itself. */
  build(keys, tablet) {
    this.keys = keys;
    const first = tablet ? 1 : 0;
    const buttons = Array.from({ length: keys }, (_, value) => {
      const face5 = keys === 5 ? value : value + (value > 1 ? 1 : 0);
      const number = value + first;
      const pressed = () => act(this.id, "rate", tablet ? { level: number } : { value });
      return el("button", { type: "button", data: { value: number }, "aria-label": say(`level_${face5}`), onclick: pressed }, face(value, keys - 1), el("span", {}, both(`level_${face5}`)));
    });
    this.faces.replaceChildren(...buttons);
  }
}

export class ServiceWindow {
  constructor(place, register) {
    const title = /^w\d+$/.test(place.id) || !place.led ? both("window", { n: place.id.replace(/^w/, "") }) : both("panel");
    const head = el("header", {}, el("h2", {}, title));
    this.element = el("article", { class: "window", data: { window: place.id } }, head);
    const number = place.id.replace(/^w/, "");
    if (place.led) this.panel(place.led, head, say("panel_of", { n: number }), register);
    if (place.strip) this.panel(place.strip, null, say("strip_of", { n: number }), register);
    const counter = el("div", { class: "counter" });
    for (const [id, Part] of [[place.keypad, Keypad], [place.pad, Pad]]) {
      if (!id) continue;
      const part = new Part(id);
      counter.append(part.element);
      register(`device:${id}`, (view) => part.update(view));
    }
    if (counter.children.length) this.element.append(counter);
    counter.classList.toggle("single", counter.children.length === 1);
  }

  /** `head`: where its bar stands, null: above the panel. */
  panel(id, head, label, register) {
    const [bar, lamps] = [new DeviceBar(id), new Lamps()];
    const led = el("div", { class: head ? "thing led" : "thing led strip-screen" }, head ? null : bar.element, lamps.element);
    head?.append(bar.element);
    this.element.append(led);
    register(`device:${id}`, (view) => {
      bar.update(view);
      led.classList.toggle("dead", !view.powered); // without its cable it goes on shining
    });
    register(`panel:${id}`, (panel) => lamps.update(panel));
    lamps.canvas.dataset.panel = id;
    lamps.canvas.setAttribute("aria-label", label);
  }
}
