// A document camera: what it sees, and the papers to lay, turn and spoil under it.

import { act, el } from "./dom.js";
import { DeviceBar } from "./device.js";
import { both, say } from "./words.js";

export class Camera {
  constructor(id, register) {
    this.id = id;
    this.bar = new DeviceBar(id);
    this.image = el("img", { alt: "" });
    this.papers = el("div", { class: "papers" });
    this.turn = this.slider("turn", "degrees", { min: -180, max: 180, step: 1 });
    this.dim = this.slider("dim", "level", { min: 0, max: 1, step: 0.05 });
    this.glare = this.toggle("glare");
    this.blur = this.toggle("blur");
    this.loading = false;
    this.shown = "";
    this.element = el(
      "article",
      { class: "window thing camera", data: { camera: id } },
      el("header", {}, el("h2", {}, both("camera")), this.bar.element),
      el("div", { class: "view" }, this.image),
      el("div", { class: "desk" }, this.papers, this.turn.label, this.dim.label, el("div", { class: "toggles" }, this.glare, this.blur)),
    );
    register(`device:${id}`, (view) => this.update(view));
  }

  slider(action, value, limits) {
    const input = el("input", { type: "range", ...limits, data: { action }, onchange: () => act(this.id, action, { [value]: Number(input.value) }) });
    return { input, label: el("label", {}, both(`camera_${action}`), input) };
  }

  toggle(action) {
    const pressed = () => act(this.id, action, { on: !this.view[action] });
    return el("button", { type: "button", data: { action }, onclick: pressed }, both(`camera_${action}`));
  }

  update(view) {
    this.view = view;
    this.bar.update(view);
    this.element.classList.toggle("dead", !view.powered);
    for (const [part, value] of [[this.turn, view.turn], [this.dim, view.dim]]) {
      if (document.activeElement !== part.input) part.input.value = value;
    }
    for (const [button, on] of [[this.glare, view.glare], [this.blur, view.blur]]) button.setAttribute("aria-pressed", String(on));
    this.papers.replaceChildren(...view.pages.map((page) => this.paper(page, page === view.page)));
    this.wanted = JSON.stringify([view.page, view.turn, view.shift, view.glare, view.dim, view.blur]);
    if (!this.loading) this.load();
  }

  paper(page, lies) {
    const pressed = () => (lies ? act(this.id, "lift_page") : act(this.id, "lay_page", { page }));
    return el("button", { type: "button", class: "paper", data: { page }, "aria-pressed": String(lies), title: say("lay_or_lift"), onclick: pressed }, page);
  }

  async load() {
    this.loading = true;
    while (this.shown !== this.wanted) {
      const now = this.wanted;
      const next = el("img", { alt: say("camera"), src: `/picture/${this.id}.png?of=${encodeURIComponent(now)}` });
      try {
        await next.decode();
        this.image.replaceWith(next);
        this.image = next;
      } catch {
        // The next change brings the next picture.
      }
      this.shown = now;
    }
    this.loading = false;
  }
}
