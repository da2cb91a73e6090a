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
    if (view.keys !== this.keys) this.build(view.keys);
    this.element.dataset.state = view.state;
    this.element.classList.toggle("dead", !view.powered);
    const stars = view.stars ? el("div", { class: "stars" }, "★".repeat(view.stars)) : null;
    this.screen.replaceChildren(both(view.text ? "" : `pad_says_${view.state}`), ...(view.text ? [view.text] : []), ...(stars ? [stars] : []));
    for (const button of this.faces.children) button.classList.toggle("given", Number(button.dataset.value) === view.value);
  }

  build(keys) {
    this.keys = keys;
    const buttons = Array.from({ length: keys }, (_, value) => {
      const level = keys === 5 ? value : value + (value > 1 ? 1 : 0);
      const pressed = () => act(this.id, "rate", { value });
      return el("button", { type: "button", data: { value }, "aria-label": say(`level_${level}`), onclick: pressed }, face(value, keys - 1), el("span", {}, both(`level_${level}`)));
    });
    this.faces.replaceChildren(...buttons);
  }
}

export class ServiceWindow {
  constructor(place, register) {
    const head = el("header", {}, el("h2", {}, both("window", { n: place.id.replace(/^w/, "") })));
    this.element = el("article", { class: "window", data: { window: place.id } }, head);
    if (place.led) {
      const [bar, lamps] = [new DeviceBar(place.led), new Lamps()];
      const led = el("div", { class: "thing led" }, lamps.element);
      head.append(bar.element);
      this.element.append(led);
      register(`device:${place.led}`, (view) => {
        bar.update(view);
        led.classList.toggle("dead", !view.powered); // without its cable it goes on shining
      });
      register(`panel:${place.led}`, (panel) => lamps.update(panel));
      lamps.canvas.dataset.panel = place.led;
      lamps.canvas.setAttribute("aria-label", say("panel_of", { n: place.id.replace(/^w/, "") }));
    }
    const counter = el("div", { class: "counter" });
    for (const [id, Part] of [[place.keypad, Keypad], [place.pad, Pad]]) {
      if (!id) continue;
      const part = new Part(id);
      counter.append(part.element);
      register(`device:${id}`, (view) => part.update(view));
    }
    this.element.append(counter);
  }
}
