// What every device has: a name, its state, cable and power to pull, troubles to give it.

import { act, el, icon, post } from "./dom.js";
import { openMenu, refreshMenu } from "./menu.js";
import { say } from "./words.js";

export class DeviceBar {
  constructor(id) {
    this.id = id;
    this.view = null;
    this.dot = el("i", { class: "dot" });
    this.cable = this.button("plug", () => act(id, this.view.plugged ? "unplug" : "plug"));
    this.supply = this.button("power", () => act(id, "power", { on: !this.view.powered }));
    this.trouble = this.button("trouble", () => openMenu(this.trouble, () => this.view));
    this.chips = el("span", { class: "chips" });
    this.element = el(
      "div",
      { class: "bar", data: { device: id } },
      this.dot,
      el("code", {}, id),
      this.chips,
      el("span", { class: "tools" }, this.cable, this.supply, this.trouble),
    );
  }

  button(name, pressed) {
    return el("button", { class: `tool ${name}`, type: "button", data: { do: name }, onclick: pressed }, icon(name));
  }

  update(view) {
    this.view = view;
    const there = view.plugged && view.powered;
    this.element.classList.toggle("off", !there);
    this.element.classList.toggle("troubled", view.faults.length > 0);
    this.name(this.cable, view.plugged ? "pull_cable" : "put_cable", !view.plugged);
    this.name(this.supply, view.powered ? "cut_power" : "give_power", !view.powered);
    this.name(this.trouble, "troubles", view.faults.length > 0);
    this.chips.replaceChildren(...view.faults.map((fault) => this.chip(fault)));
    refreshMenu(view);
  }

  name(button, key, active) {
    button.title = say(key);
    button.setAttribute("aria-label", `${this.id}: ${say(key)}`);
    button.setAttribute("aria-pressed", String(active));
  }

  chip(fault) {
    const clear = () => post("/fault", { device: this.id, word: fault.word, clear: true });
    const text = fault.times ? `${say(`fault_${fault.word}`)} ×${fault.times}` : say(`fault_${fault.word}`);
    return el("button", { class: "chip", type: "button", title: say("clear_this"), onclick: clear }, text, icon("cross"));
  }
}
