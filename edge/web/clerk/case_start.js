// Before a case: who it is for and which item. Both can be done with the keyboard alone, in either order.

import { Refused, get, newId, post, remove } from "/shared/hall.js";
import { make, setText } from "/clerk/desk.js";

const at = (id) => document.getElementById(id);
const READ_PATIENCE = 70000;

export class CaseStart {
  #words;
  #does;
  #window = "";
  #person = null;
  #item = null;
  #found = [];
  #chosen = 0;
  #asked = 0;
  #reading = null;

  // does: { said, say, opened(case), takeUp(case) }
  constructor(words, does) {
    this.#words = words;
    this.#does = does;
    at("start-read").addEventListener("click", () => this.read());
    at("start-type").addEventListener("click", () => this.type());
    at("typed").addEventListener("submit", (event) => this.#typed(event));
    at("case-open").addEventListener("click", () => this.open());
    at("item-search").addEventListener("input", () => this.#search());
    at("item-list").addEventListener("click", (event) => {
      const place = event.target.closest("[data-place]")?.dataset.place;
      if (place !== undefined) this.#choose(Number(place));
    });
  }

  enter(window) {
    this.#window = window;
    this.reset();
  }

  reset() {
    this.#reading?.abort();
    this.#person = this.#item = null;
    this.#found = [];
    this.#chosen = 0;
    this.#asked += 1;
    at("item-search").value = "";
    at("typed").reset();
    at("typed").hidden = true;
    this.draw();
    if (this.#window && !at("case-start").hidden) this.#search();
  }

  draw() {
    const words = this.#words;
    const person = this.#person;
    at("item-search").placeholder = words.say("case.search");
    setText(at("start-person"), person ? `${person.name}  ${person.id_number}` : this.#waiting());
    at("start-person").classList.toggle("case-who-known", Boolean(person));
    const warned = person?.warnings.map((warning) => words.say(`person_warning.${warning}`)).join(" ") ?? "";
    at("start-warning").hidden = !warned;
    setText(at("start-warning"), warned);
    setText(at("start-read").firstElementChild, words.say(this.#reading ? "case.stop_reading" : "case.read"));
    at("start-read").setAttribute("aria-busy", String(Boolean(this.#reading)));
    at("case-open").classList.toggle("key-off", !(person && this.#item));
    this.#drawList();
  }

  #waiting() {
    return this.#words.say(this.#reading ? "case.reading" : "case.no_person");
  }

  // --- person ---

  async read() {
    if (this.#reading) {
      this.#reading.abort();
      return;
    }
    const stop = new AbortController();
    this.#reading = stop;
    at("typed").hidden = true;
    this.#does.say("");
    this.draw();
    try {
      const asked = { id: newId(), seconds: 60 };
      this.#person = await post(`/api/window/${this.#window}/card`, asked, { patience: READ_PATIENCE, stop: stop.signal });
    } catch (error) {
      if (!stop.signal.aborted) this.#does.said(error);
    } finally {
      if (this.#reading === stop) this.#reading = null;
      this.draw();
    }
    if (this.#person) this.#next();
  }

  type() {
    this.#reading?.abort();
    at("typed").hidden = false;
    at("typed-name").focus();
  }

  async #typed(event) {
    event.preventDefault();
    const [name, number] = [at("typed-name").value.trim(), at("typed-number").value.trim()];
    if (!name || !number) {
      (name ? at("typed-number") : at("typed-name")).focus();
      return;
    }
    const asked = { id: newId(), name, id_number: number, phone: at("typed-phone").value.trim() };
    try {
      this.#person = await post(`/api/window/${this.#window}/person`, asked);
      at("typed").reset();
      at("typed").hidden = true;
    } catch (error) {
      this.#does.said(error);
    }
    this.draw();
    if (this.#person) this.#next();
  }

  // --- item ---

  search() {
    at("item-search").focus();
    at("item-search").select();
    this.#search();
  }

  async #search() {
    const asked = (this.#asked += 1);
    const text = at("item-search").value;
    const path = `/api/catalogue/items?text=${encodeURIComponent(text)}`;
    try {
      const [items, cases] = await Promise.all([get(path), get(`/api/window/${this.#window}/cases`)]);
      if (asked !== this.#asked) return;
      const waiting = cases.filter((one) => fits(one, text)).map((one) => ({ waits: one }));
      this.#found = [...waiting.slice(0, 6), ...items.map((item) => ({ item }))];
      this.#chosen = 0;
      this.#drawList();
    } catch (error) {
      if (asked === this.#asked) this.#does.said(error);
    }
  }

  #drawList() {
    const words = this.#words;
    const lines = this.#found.slice(0, 40).map((one, place) => {
      const line = make("li", "found");
      Object.assign(line.dataset, { place });
      line.id = `found-${place}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(place === this.#chosen));
      line.classList.toggle("found-taken", Boolean(this.#item) && one.item?.id === this.#item.id);
      line.append(...(one.item ? this.#itemParts(one.item) : this.#waitingParts(one.waits)));
      return line;
    });
    if (!lines.length && at("item-search").value) lines.push(make("li", "hint", words.say("case.nothing_found")));
    at("item-list").replaceChildren(...lines);
    at("item-search").setAttribute("aria-activedescendant", `found-${this.#chosen}`);
    at(`found-${this.#chosen}`)?.scrollIntoView({ block: "nearest" });
  }

  #itemParts(item) {
    const words = this.#words;
    const limit = item.limit_days === null ? "" : words.say("case.limit", { n: item.limit_days });
    const facts = [words.say(`case.kind.${item.kind}`), limit].filter(Boolean).join(" · ");
    const parts = [make("span", "found-name", words.own(item.name)), make("span", "found-facts", facts)];
    if (item.elsewhere) parts.push(make("span", "mark-elsewhere", words.say("case.not_admitted")));
    else if (item.unverified) parts.push(make("span", "mark-unverified", words.say("case.unverified")));
    return parts;
  }

  #waitingParts(one) {
    const words = this.#words;
    const facts = words.say(`case.waits.${one.state}`, { since: one.since });
    const number = one.notice ? `…${one.notice.slice(-8)}` : "";
    return [
      make("span", "found-name", `${words.say("case.take_up")} ${words.own(one.item_name)}`),
      make("span", "found-facts", `${facts} ${number}`),
    ];
  }

  #choose(place) {
    const one = this.#found[place];
    if (!one) return;
    this.#chosen = place;
    if (one.waits) {
      this.#does.takeUp(one.waits.case);
      return;
    }
    if (one.item.elsewhere) {
      const where = this.#words.own(one.item.elsewhere);
      this.#does.say(this.#words.say("case.not_admitted_where", { item: this.#words.own(one.item.name), where }));
      this.#drawList();
      return;
    }
    this.#item = one.item;
    at("item-search").value = this.#words.own(one.item.name);
    this.draw();
    this.#next();
  }

  // Whatever is still missing gets the focus, so that Enter goes on.
  #next() {
    if (!this.#item) this.search();
    else if (this.#person) at("case-open").focus();
    else at("item-search").blur();
  }

  async open() {
    if (!this.#person || !this.#item) {
      this.#does.hint(this.#person ? "case.item_first" : "case.person_first");
      return;
    }
    const asked = { id: newId(), item: this.#item.id, person: this.#person.token };
    const person = this.#person;
    try {
      const opened = await post(`/api/window/${this.#window}/case`, asked);
      this.reset();
      this.#does.opened(opened, person);
    } catch (error) {
      if (error instanceof Refused && error.code === "card_session_over") this.#person = null;
      this.#does.said(error);
      this.draw();
    }
  }

  forget() {
    if (this.#window && this.#person) remove(`/api/window/${this.#window}/person`).catch(() => null);
    this.reset();
  }

  // True when the key was ours.
  pressed(event, typing) {
    if (event.target === at("item-search")) return this.#pressedInSearch(event);
    if (typing) {
      if (event.code !== "Escape") return false;
      at("typed").hidden = true;
      event.target.blur();
      return true;
    }
    if (event.repeat) return false;
    const does = { KeyR: () => this.read(), KeyT: () => this.type(), Slash: () => this.search() }[event.code];
    if (does) {
      does();
      return true;
    }
    if (event.code === "Escape" && this.#reading) {
      this.#reading.abort();
      return true;
    }
    const isEnter = event.code === "Enter" || event.code === "NumpadEnter";
    if (!isEnter || event.target.closest("button") || !this.#person || !this.#item) return false;
    this.open();
    return true;
  }

  #pressedInSearch(event) {
    // Here already: a hand that always begins with the slash shall not search for one.
    if (event.code === "Slash" && !at("item-search").value) return true;
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (steps) {
      const last = Math.min(this.#found.length, 40) - 1;
      this.#chosen = Math.max(0, Math.min(last, this.#chosen + steps));
      this.#drawList();
      return true;
    }
    if (event.code === "Enter" || event.code === "NumpadEnter") {
      if (!event.repeat) this.#choose(this.#chosen);
      return true;
    }
    if (event.code === "Escape") {
      event.target.blur();
      return true;
    }
    return false;
  }
}

function fits(one, text) {
  const wanted = text.trim().toUpperCase();
  if (!wanted) return true;
  return one.notice.endsWith(wanted) || Object.values(one.item_name).some((name) => name.toUpperCase().includes(wanted));
}
