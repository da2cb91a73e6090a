// Draws the desk from one whole snapshot. Knows nothing of connections or clicks.

import { deviceDot, deviceName } from "/shared/kinds.js";
import { hallNow } from "/shared/hall.js";
import { linkWord } from "/shared/link.js";
import { clock, marks } from "/shared/marks.js";

const SHOWN = 30;
const FIRST = { idle: "next", called: "start", serving: "finish" };
const FITS = { idle: ["next"], called: ["recall", "start", "finish", "miss"], serving: ["finish"] };
const RATING_DOTS = { none: "", asked: "dot-blue", given: "dot-green", lapsed: "" };

const at = (id) => document.getElementById(id);

export class Desk {
  #words;
  #services = new Map();

  constructor(words) {
    this.#words = words;
  }

  know(catalogue) {
    this.#services = new Map(catalogue.services.map((service) => [service.id, service.name]));
  }

  draw(snapshot) {
    this.#now(snapshot);
    this.#acts(snapshot);
    this.#queue(snapshot.queue, snapshot.first);
    this.#rating(snapshot.rating.state);
    this.#link(snapshot.link);
    this.#devices(snapshot.devices ?? []);
  }

  #service(id) {
    const name = this.#services.get(id);
    return name?.[this.#words.language] ?? name?.["zh-Hans"] ?? id;
  }

  #now({ window, current, calls }) {
    const words = this.#words;
    const number = at("now-number");
    setText(number, current?.number ?? "—");
    number.classList.toggle("now-number-none", !current);
    setText(at("now-service"), current ? this.#service(current.service) : "");
    setText(at("now-hint"), current ? "" : words.say(window.paused ? "now.paused_hint" : "now.idle_hint"));
    const chip = at("now-state");
    setText(chip, window.paused ? this.#resting(window) : this.#doing(window.state, calls));
    const look = window.paused ? "chip-red" : { called: "chip-amber", serving: "chip-green" }[window.state];
    chip.className = `chip ${look ?? ""}`;
    at("now-marks").replaceChildren(...(current ? this.#marks({ ...current, items: [] }) : []));
    at("now-holder").hidden = !current;
    const printed = current && ["failed", "unknown"].includes(current.print) ? current.print : "";
    at("now-print").hidden = !printed;
    at("came-out").hidden = printed !== "unknown";
    if (printed) setText(at("now-print-text"), words.say(`now.print_${printed}`));
  }

  #doing(state, calls) {
    if (state === "called" && calls > 1) return this.#words.say("now.called", { calls });
    return this.#words.say({ idle: "now.idle", called: "now.called_once", serving: "now.serving" }[state]);
  }

  #resting({ paused, until }) {
    const words = this.#words;
    const reason = words.say(`pause.${paused}`);
    return until ? words.say("now.paused_until", { reason, time: clock(until) }) : words.say("now.paused", { reason });
  }

  #marks(ticket) {
    return marks(this.#words, ticket).map(([text, look]) => make("span", `chip ${look}`, text));
  }

  #acts({ window }) {
    for (const button of at("acts").children) {
      const verb = button.dataset.verb;
      button.classList.toggle("act-first", FIRST[window.state] === verb);
      button.classList.toggle("act-fits", FITS[window.state].includes(verb));
    }
  }

  #queue(queue, first) {
    const words = this.#words;
    setText(at("queue-count"), words.say("queue.count", { n: queue.length }));
    const entries = queue.slice(0, SHOWN).map((ticket) => this.#waiting(ticket, ticket.ticket === first));
    if (!entries.length) entries.push(make("li", "queue-empty", words.say("queue.empty")));
    at("queue").replaceChildren(...entries);
    const more = queue.length - SHOWN;
    setText(at("queue-more"), more > 0 ? words.say("queue.more", { n: more }) : "");
  }

  #waiting(ticket, first) {
    const words = this.#words;
    const entry = make("li", first ? "waiting waiting-first" : "waiting");
    const waited = words.say("queue.waited", { age: words.age((hallNow() - Date.parse(ticket.since)) / 1000) });
    const facts = [waited];
    if (ticket.with_card) facts.push(words.say("queue.with_card"));
    entry.append(
      make("span", "waiting-number", ticket.number),
      make("span", "waiting-service", this.#service(ticket.service)),
      make("span", "waiting-facts", facts.join(" · ")),
      this.#waitingMarks(ticket),
    );
    if (["failed", "unknown"].includes(ticket.print)) entry.append(this.#paperKey(ticket, "reprint"));
    if (ticket.print === "unknown") entry.append(this.#paperKey(ticket, "came-out"));
    return entry;
  }

  #paperKey({ ticket, number, print }, what) {
    const words = this.#words;
    const button = make("button", "button button-small", words.say(`now.${what.replace("-", "_")}`));
    button.type = "button";
    button.dataset.ticket = ticket;
    button.dataset.paper = what;
    button.title = `${number} ${words.say(`now.print_${print}`)}`;
    return button;
  }

  #waitingMarks(ticket) {
    const line = make("span", "waiting-marks");
    line.append(...this.#marks(ticket));
    if (ticket.declared && ticket.klass === "walk_in") {
      const button = make("button", "key", this.#words.say("turn.settle"));
      button.type = "button";
      button.dataset.settle = ticket.ticket;
      button.setAttribute("aria-label", `${this.#words.say("turn.settle")} ${ticket.number}`);
      line.append(button);
    }
    return line;
  }

  #rating(state) {
    setText(at("rating"), this.#words.say(`rating.${state}`));
    at("rating-dot").className = `dot ${RATING_DOTS[state]}`;
  }

  #link(link) {
    const words = this.#words;
    const { online, pending, oldest, held = 0 } = link;
    setText(at("link"), words.say(linkWord(link), { n: pending, age: words.age(oldest) }));
    setText(at("link-held"), held ? words.say("link.held", { n: held }) : "");
    at("link-dot").className = `dot ${online && !held ? "dot-green" : "dot-amber"}`;
  }

  #devices(devices) {
    const words = this.#words;
    const troubled = devices.filter((device) => !["ready", "busy", "starting"].includes(device.state));
    const lines = troubled.map((device) => {
      const line = make("li");
      const text = make("span");
      const name = deviceName(words, device.kind);
      const state = words.say(`device_state.${device.state}`);
      text.append(make("strong", "", words.say("devices.line", { name, state })), make("small", "", device.text));
      line.append(make("span", deviceDot(device.state)), text);
      return line;
    });
    if (!lines.length) {
      const line = make("li");
      line.append(make("span", "dot dot-green"), make("span", "", words.say("devices.well")));
      lines.push(line);
    }
    at("devices").replaceChildren(...lines);
  }
}

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

// Unchanged text stays untouched, so that screen readers say only what is new.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
