// The ledger of security paper: what came, was used, was spoiled, and what is left; two persons see it come and spoil.

import { get, newId, post } from "/shared/hall.js";
import { make } from "/clerk/desk.js";

const WHY = ["misprint", "torn", "wet", "missing"];

export class Papers {
  finds = false;
  says = false;
  #words;
  #flow;
  #window = "";
  #stocks = [];

  constructor(words, flow) {
    this.#words = words;
    this.#flow = flow;
  }

  enter(window) {
    this.#window = window;
  }

  leave() {
    this.#stocks = [];
  }

  async load() {
    this.#stocks = await get(`/api/window/${this.#window}/papers`);
    return -1;
  }

  async look() {}

  content() {
    return this.#stocks;
  }

  empty() {
    return "flow.no_papers";
  }

  entered() {
    return false;
  }

  entries() {
    return this.#stocks.map((one) => ({
      id: one.kind,
      parts: [make("strong", "flow-name", one.kind), make("span", "flow-stage", this.#words.say("stock.line", one))],
    }));
  }

  parts(kind) {
    const words = this.#words;
    const stock = this.#stocks.find((one) => one.kind === kind);
    if (!stock) return [make("h2", "", words.say("flow.papers"))];
    const runs = make("ul", "flow-held");
    runs.append(...stock.runs.map((run) => make("li", "", words.say("stock.run", run))));
    return [make("h2", "", kind), make("p", "flow-turn", words.say("stock.line", stock)), make("h3", "", words.say("stock.runs")), runs];
  }

  acts(kind) {
    const words = this.#words;
    const acts = [{ act: "stock", says: words.say("stock.stock"), run: () => this.#stock(kind) }];
    if (kind) acts.push({ act: "spoil", says: words.say("stock.spoil"), run: () => this.#spoil(kind) });
    return acts;
  }

  #stock(kind) {
    const words = this.#words;
    this.#flow.ask({
      title: words.say("stock.stock_title"),
      fields: [
        { name: "kind", says: words.say("stock.kind"), value: kind },
        { name: "first", says: words.say("stock.first"), number: true },
        { name: "last", says: words.say("stock.last"), number: true },
        { name: "pin", says: words.say("batch.witness"), secret: true },
      ],
      confirm: words.say("ask.yes"),
      run: (_, __, told) => this.#send("stock", { ...told, first: Number(told.first), last: Number(told.last) }, told.kind),
    });
  }

  #spoil(kind) {
    const words = this.#words;
    this.#flow.ask({
      title: words.say("stock.spoil_title"),
      choices: WHY.map((one) => [one, words.say(`stock.${one}`)]),
      fields: [
        { name: "serial", says: words.say("stock.serial"), number: true },
        { name: "pin", says: words.say("batch.witness"), secret: true },
      ],
      confirm: words.say("ask.yes"),
      run: (why, _, told) => this.#send("spoil", { kind, why, serial: Number(told.serial), pin: told.pin }, kind),
    });
  }

  async #send(path, body, kind) {
    try {
      await post(`/api/window/${this.#window}/papers/${path}`, { id: newId(), ...body });
      await this.#flow.did(this.#words.say("stock.done"), kind);
    } catch (error) {
      this.#flow.said(error);
    }
  }
}
