// What goes on after a receipt, beside the window: cases under way, handovers, papers by post, security paper. A list, the chosen
// one of it, and only the acts that are possible now, each with a digit.

import { make, setText } from "/clerk/desk.js";
import { Batches } from "/clerk/flow_batches.js";
import { Cases } from "/clerk/flow_cases.js";
import { Papers } from "/clerk/flow_papers.js";
import { Parcels } from "/clerk/flow_parcels.js";
import { Sheet } from "/clerk/sheets.js";

const KEYS = { KeyL: "cases", KeyH: "batches", KeyJ: "parcels", KeyV: "papers" };
const MOST = 9; // acts that a digit reaches
const WAIT = 200; // ms of rest before what is typed is looked for

const at = (id) => document.getElementById(id);

// `told`: said(error) says what went wrong, shown(open) when the view beside the window opens or closes.
export class Flow {
  #words;
  #told;
  #views;
  #sheet;
  #view = null;
  #name = "desk";
  #chosen = {}; // view -> id
  #asked = 0;
  #seq = -1;
  #drawn = "";
  #acts = [];
  #timer = 0;

  constructor(words, told) {
    this.#words = words;
    this.#told = told;
    this.#sheet = new Sheet(words, at("flow-sheet"));
    const flow = {
      ask: (asked) => this.#sheet.open(asked),
      did: (text, chosen) => this.#did(text, chosen),
      said: (error) => told.said(error),
      told: (text) => this.#say(text, false),
      go: (view, id) => this.open(view, id),
    };
    this.#views = {
      cases: new Cases(words, flow),
      batches: new Batches(words, flow),
      parcels: new Parcels(words, flow),
      papers: new Papers(words, flow),
    };
    at("views").addEventListener("click", (event) => {
      const view = event.target.closest("[data-view]")?.dataset.view;
      if (view === "desk") this.close();
      else if (view) this.open(view);
    });
    at("flow-list").addEventListener("click", (event) => this.#choose(event.target.closest("[data-id]")?.dataset.id));
    at("flow-search").addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#load(), WAIT);
    });
  }

  enter(window) {
    for (const view of Object.values(this.#views)) view.enter(window);
    at("views").hidden = false;
    this.#mark();
  }

  leave() {
    this.close();
    at("views").hidden = true;
    this.#chosen = {};
    at("flow-search").value = "";
    for (const view of Object.values(this.#views)) view.leave();
  }

  get isOpen() {
    return this.#view !== null;
  }

  open(name, id = "") {
    this.#name = name;
    this.#view = this.#views[name];
    if (id) this.#chosen[name] = id;
    at("flow").hidden = false;
    at("flow-find").hidden = !this.#view.finds;
    this.#drawn = "";
    this.#say("");
    this.#mark();
    this.#told.shown(true);
    at("flow-list").focus();
    return this.#load();
  }

  close() {
    this.#sheet.close();
    this.#view = null;
    this.#name = "desk";
    at("flow").hidden = true;
    this.#mark();
    this.#told.shown(false);
  }

  // The hall has moved on to `seq`.
  changed(seq) {
    if (this.isOpen && seq !== this.#seq) this.#load();
  }

  spoken() {
    this.#drawn = "";
    if (this.isOpen) this.#draw();
  }

  #mark() {
    for (const button of at("views").children) {
      button.setAttribute("aria-pressed", String(button.dataset.view === this.#name));
    }
  }

  // --- what is shown ---

  async #load() {
    const mine = ++this.#asked;
    const view = this.#view;
    try {
      const seq = await view.load(at("flow-search").value.trim());
      if (mine !== this.#asked || view !== this.#view) return;
      this.#seq = seq;
      await this.#look();
    } catch (error) {
      if (mine === this.#asked && this.isOpen) this.#told.said(error);
    }
  }

  async #look() {
    const view = this.#view;
    const ids = view.entries().map((entry) => entry.id);
    if (!ids.includes(this.#chosen[this.#name])) this.#chosen[this.#name] = ids[0] ?? "";
    await view.look(this.#chosen[this.#name]);
    if (view === this.#view) this.#draw();
  }

  #draw() {
    if (!this.isOpen) return;
    const chosen = this.#chosen[this.#name] ?? "";
    const shown = JSON.stringify([this.#name, chosen, this.#view.content(), this.#words.language]);
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    const words = this.#words;
    const entries = this.#view.entries();
    setText(at("flow-title"), words.say(`flow.${this.#name}`));
    setText(at("flow-count"), words.say(this.#view.counts ?? "flow.n_cases", { n: entries.length }));
    setText(at("flow-hint"), words.say("flow.hint"));
    this.#list(entries, chosen);
    const focused = document.activeElement?.closest("#flow-one") ? document.activeElement.name : "";
    const parts = this.#view.parts(chosen);
    this.#acts = this.#view.acts(chosen).slice(0, MOST);
    const shownParts = parts.length ? parts : [make("p", "hint flow-empty", words.say("flow.pick"))];
    shownParts.splice(this.#view.before ?? shownParts.length, 0, ...this.#keys());
    at("flow-one").replaceChildren(...shownParts);
    if (focused) at("flow-one").querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
  }

  #list(entries, chosen) {
    const lines = entries.map((entry) => {
      const line = make("li", "flow-line");
      line.id = `flow-${entries.indexOf(entry)}`;
      line.dataset.id = entry.id;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(entry.id === chosen));
      line.append(...entry.parts);
      return line;
    });
    if (!lines.length) lines.push(make("li", "hint", this.#words.say(this.#view.empty(at("flow-search").value.trim()))));
    at("flow-list").replaceChildren(...lines);
    const place = entries.findIndex((entry) => entry.id === chosen);
    at("flow-list").setAttribute("aria-activedescendant", place < 0 ? "" : `flow-${place}`);
    at(`flow-${place}`)?.scrollIntoView({ block: "nearest" });
  }

  #keys() {
    const words = this.#words;
    if (!this.#acts.length && !this.#view.says) return [];
    const row = make("div", "case-row flow-acts");
    row.append(...this.#acts.map((act, place) => {
      const button = make("button", "key");
      button.type = "button";
      button.dataset.act = act.act;
      button.setAttribute("aria-keyshortcuts", String(place + 1));
      button.append(make("span", "", act.says), make("kbd", "", String(place + 1)));
      button.addEventListener("click", () => act.run());
      return button;
    }));
    if (!this.#acts.length) row.append(make("p", "hint", words.say("flow.no_acts")));
    return [make("h3", "", words.say("flow.acts")), row];
  }

  async #choose(id) {
    if (!id || id === this.#chosen[this.#name]) return;
    this.#chosen[this.#name] = id;
    this.#say("");
    try {
      await this.#look();
    } catch (error) {
      this.#told.said(error);
    }
  }

  async #did(text, chosen = "") {
    if (chosen) this.#chosen[this.#name] = chosen;
    this.#say(text);
    await this.#load();
    if (document.activeElement === document.body) at("flow-list").focus();
  }

  #say(text, well = true) {
    setText(at("flow-refused"), well ? "" : text);
    setText(at("flow-done"), well ? text : "");
  }

  // --- keys ---

  // The key that leads here from the window; True when it did.
  opens(event) {
    const view = KEYS[event.code];
    if (!view || event.repeat || event.shiftKey || document.querySelector(".sheet:not([hidden])")) return false;
    this.open(view);
    return true;
  }

  // While the view is open every key is its own; True when nothing else should come of it.
  pressed(event) {
    if (this.#sheet.isOpen) return this.#sheet.pressed(event);
    const field = event.target.closest("input, select");
    if (event.code === "Escape") {
      if (field) at("flow-list").focus();
      else this.close();
      return true;
    }
    const isEnter = event.code === "Enter" || event.code === "NumpadEnter";
    if (field) return isEnter && (field === at("flow-search") ? this.#found() : this.#view.entered(field));
    if (event.code === "Slash" && this.#view.finds) {
      at("flow-search").select();
      at("flow-search").focus();
      return true;
    }
    if (event.repeat && !event.code.startsWith("Arrow")) return false;
    if (this.opens(event)) return true;
    return this.#moved(event) || this.#acted(event);
  }

  #found() {
    clearTimeout(this.#timer);
    this.#load();
    at("flow-list").focus();
    return true;
  }

  #moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (!step) return false;
    const ids = this.#view.entries().map((entry) => entry.id);
    this.#choose(ids[ids.indexOf(this.#chosen[this.#name]) + step]);
    return true;
  }

  #acted(event) {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (!digit) return false;
    this.#acts[Number(digit) - 1]?.run();
    return true;
  }
}
