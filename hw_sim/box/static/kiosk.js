// The kiosk: its live screen to tap on, the card reader beside it, the printer with its paper.

import { act, el, post } from "./dom.js";
import { DeviceBar } from "./device.js";
import { both, say } from "./words.js";

/** A live screen. Pictures are fetched one after the other; the newest wins. */
export class LiveScreen {
  constructor(name) {
    this.name = name;
    this.image = el("img", { alt: "", draggable: "false" });
    this.gone = el("div", { class: "gone" }, both("screen_gone"));
    this.element = el("div", { class: `screen screen-${name}`, data: { screen: name }, onclick: (event) => this.tap(event) }, this.image, this.gone);
    this.loading = false;
    this.wanted = null;
  }

  update(message) {
    this.element.classList.toggle("there", message.there);
    if (!message.there || message.n === undefined) return;
    this.size = [message.width, message.height];
    this.wanted = message.n;
    if (!this.loading) this.load();
  }

  /** The old picture stays until the new one can be painted. */
  async load() {
    this.loading = true;
    while (this.wanted !== null) {
      const next = el("img", { alt: say(`screen_${this.name}`), draggable: "false", src: `/screen/${this.name}.png?n=${this.wanted}` });
      this.wanted = null;
      try {
        await next.decode();
        this.image.replaceWith(next);
        this.image = next;
      } catch {
        // The program went away meanwhile; its next picture will say so itself.
      }
    }
    this.loading = false;
  }

  tap(event) {
    if (!this.size || !this.element.classList.contains("there")) return;
    const box = this.image.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const ring = el("i", { class: "tap" });
    ring.style.left = `${x}px`;
    ring.style.top = `${y}px`;
    this.element.append(ring);
    setTimeout(() => ring.remove(), 500);
    post("/tap", { screen: this.name, x: (x / box.width) * this.size[0], y: (y / box.height) * this.size[1] });
  }
}

class Reader {
  constructor(id, cards) {
    this.id = id;
    this.bar = new DeviceBar(id);
    this.cards = new Map(cards.map((card) => [card.id, this.card(card)]));
    this.plate = el("div", { class: "plate" }, el("i", { class: "ring" }), el("span", {}, both("lay_here")));
    this.element = el("div", { class: "thing reader" }, this.bar.element, this.plate, el("div", { class: "cards" }, ...this.cards.values()));
  }

  card(card) {
    const pressed = () => (this.laid === card.id ? act(this.id, "lift_card") : act(this.id, "lay_card", { card: card.id }));
    return el(
      "button",
      { type: "button", class: "id-card", data: { card: card.id }, title: say("lay_or_lift"), onclick: pressed },
      el("i", { class: "photo" }),
      el("span", { class: "name" }, card.name),
      el("span", { class: "digits" }, card.number),
    );
  }

  update(view) {
    this.bar.update(view);
    this.laid = view.card;
    this.element.classList.toggle("dead", !view.powered);
    this.element.classList.toggle("reading", view.reading);
    this.plate.classList.toggle("laid", Boolean(view.card));
    for (const [id, card] of this.cards) {
      card.classList.toggle("laid", id === view.card);
      card.setAttribute("aria-pressed", String(id === view.card));
    }
    const name = view.card && this.cards.get(view.card)?.querySelector(".name").textContent;
    this.plate.lastChild.replaceChildren(view.reading ? both("reading") : name ? document.createTextNode(name) : both("lay_here"));
  }
}

class Printer {
  constructor(id) {
    this.id = id;
    this.bar = new DeviceBar(id);
    this.state = el("span", { class: "paper-state" });
    this.strips = el("div", { class: "strips" });
    this.shown = null;
    this.element = el("div", { class: "thing printer" }, this.bar.element, el("div", { class: "slot" }, this.state), this.strips);
  }

  update(view) {
    this.bar.update(view);
    this.element.classList.toggle("dead", !view.powered);
    const wrong = [view.paper !== "ok" && `paper_${view.paper}`, view.cover_open && "cover_opened", view.cutter_jam && "do_jam_cutter"].filter(Boolean);
    this.element.classList.toggle("wrong", wrong.length > 0);
    this.state.replaceChildren(wrong.length ? both(wrong[0]) : both("printed_count", { n: view.printed }));
  }

  show({ tickets }) {
    const newest = tickets[0]?.n ?? 0;
    const strips = tickets.map(({ n, lines }) => {
      const image = el("img", { src: `/ticket/${this.id}/${n}.png`, alt: lines.join(" "), loading: "lazy" });
      const fresh = this.shown !== null && n > this.shown;
      return el("button", { type: "button", class: fresh ? "strip fresh" : "strip", data: { ticket: n }, title: `#${n}`, onclick: () => enlarge(image.src, image.alt) }, image);
    });
    this.strips.replaceChildren(...(strips.length ? strips : [el("p", { class: "empty" }, both("no_paper_yet"))]));
    this.shown = newest;
  }
}

function enlarge(source, words) {
  const dialog = document.getElementById("large");
  dialog.replaceChildren(el("img", { src: source, alt: words }));
  dialog.onclick = () => dialog.close();
  dialog.showModal();
}

export class Kiosk {
  constructor(place, cards, screen, register) {
    this.element = el("article", { class: "kiosk", data: { kiosk: place.id } }, el("h2", {}, both("kiosk")));
    if (screen) {
      const live = new LiveScreen(screen);
      this.element.append(el("div", { class: "cabinet" }, live.element));
      register(`screen:${screen}`, (message) => live.update(message));
    }
    const side = el("div", { class: "side" });
    if (place.reader) {
      const reader = new Reader(place.reader, cards);
      side.append(reader.element);
      register(`device:${place.reader}`, (view) => reader.update(view));
    }
    if (place.printer) {
      const printer = new Printer(place.printer);
      side.append(printer.element);
      register(`device:${place.printer}`, (view) => printer.update(view));
      register(`tickets:${place.printer}`, (message) => printer.show(message));
    }
    this.element.append(side);
  }
}
