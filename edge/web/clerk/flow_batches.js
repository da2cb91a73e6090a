// Handovers: what may go, what was sealed, and what the receiver counted of it, sheet by sheet. Both numbers stay in
// sight until two persons have settled the difference.

import { get, newId, post } from "/shared/hall.js";
import { make } from "/clerk/desk.js";

const SETTLED = { materials: ["found_here", "found_there", "lost"], results: ["found_here", "lost"] };
const INCOMING = "incoming"; // the one batch that is being taken in from a file

export class Batches {
  finds = false;
  says = false;
  #words;
  #flow;
  #window = "";
  #list = { batches: [], ready: [] };
  #counts = {}; // batch -> number by line, as typed
  #left = {}; // ready group -> cases that stay behind
  #incoming = null; // { batch, sheet } of a file

  constructor(words, flow) {
    this.#words = words;
    this.#flow = flow;
  }

  enter(window) {
    this.#window = window;
  }

  leave() {
    this.#list = { batches: [], ready: [] };
    this.#counts = {};
    this.#left = {};
    this.#incoming = null;
  }

  async load() {
    this.#list = await get(`/api/window/${this.#window}/batches`);
    return this.#list.seq;
  }

  async look() {}

  content() {
    const { batches, ready } = this.#list;
    return [batches, ready, this.#incoming];
  }

  empty() {
    return "flow.no_batches";
  }

  // Enter in a count goes on to the next; after the last one the batch is signed for.
  entered(field) {
    if (field.type !== "text") return false;
    const all = [...document.querySelectorAll("#flow-one input[data-line]")];
    const next = all[all.indexOf(field) + 1];
    if (next) next.select();
    else document.querySelector('[data-act="sign"], [data-act="take_in"]')?.click();
    next?.focus();
    return true;
  }

  // --- drawing ---

  entries() {
    const words = this.#words;
    const ready = this.#list.ready.map((one) => ({
      id: `${one.what} ${one.to}`,
      parts: [
        make("span", "chip chip-blue flow-light", words.say(`batch.ready_${one.what}`)),
        make("strong", "flow-name", words.say("batch.to", { place: words.own(one.to_name) })),
        make("span", "flow-stage", words.say("flow.n_cases", { n: one.cases.length })),
      ],
    }));
    const incoming = this.#incoming && [{
      id: INCOMING,
      parts: [make("strong", "flow-name", words.say("batch.incoming", { number: this.#incoming.sheet.number }))],
    }];
    return [...(incoming ?? []), ...ready, ...this.#list.batches.map((one) => ({ id: one.batch, parts: this.#line(one) }))];
  }

  #line(one) {
    const words = this.#words;
    const place = one.incoming ? words.say("batch.from", { place: one.frm }) : words.say("batch.to", { place: words.own(one.to_name) });
    return [
      this.#state(one),
      make("strong", "flow-name", `${words.say(`batch.${one.what}`)} ${place}`),
      make("span", "flow-number", `…${one.number.slice(-10)}`),
    ];
  }

  #state(one) {
    const words = this.#words;
    if (one.differences) return make("span", "chip chip-red flow-light", words.say("batch.differs", { n: one.differences }));
    if (one.signer) return make("span", "chip chip-green flow-light", words.say("batch.over"));
    return make("span", "chip chip-amber flow-light", words.say(one.what === "results" ? "batch.there" : "batch.sealed"));
  }

  parts(id) {
    const ready = this.#ready(id);
    if (ready) return this.#making(ready);
    if (id === INCOMING && this.#incoming) return this.#taking(this.#incoming);
    const batch = this.#list.batches.find((one) => one.batch === id);
    return batch ? this.#batch(batch) : [];
  }

  #ready(id) {
    return this.#list.ready.find((one) => `${one.what} ${one.to}` === id);
  }

  #making(ready) {
    const words = this.#words;
    const list = make("ul", "flow-held");
    const left = (this.#left[`${ready.what} ${ready.to}`] ??= new Set());
    ready.cases.forEach((uid, place) => {
      const label = make("label", "flow-check");
      const box = make("input");
      Object.assign(box, { type: "checkbox", name: uid, checked: !left.has(uid) });
      box.addEventListener("change", () => (box.checked ? left.delete(uid) : left.add(uid)));
      label.append(box, make("span", "", ready.numbers[place]));
      const line = make("li");
      line.append(label);
      list.append(line);
    });
    const title = `${words.say(`batch.ready_${ready.what}`)}：${words.say("batch.to", { place: words.own(ready.to_name) })}`;
    return [make("h2", "", title), make("p", "hint", words.say("batch.make_hint")), list];
  }

  #batch(batch) {
    const words = this.#words;
    const head = make("header", "flow-head");
    head.append(make("h2", "", batch.number), this.#state(batch));
    const signs = make("p", "flow-turn", words.say("batch.sealed_by", { name: batch.sealed_by }));
    signs.append(make("br"), batch.signer ? words.say("batch.signed_by", { name: batch.signer }) : words.say("batch.unsigned"));
    const counting = this.#isCounting(batch);
    const hint = counting ? "batch.count_hint" : batch.signer || batch.what === "materials" ? "" : "batch.save_hint";
    return [head, signs, ...(hint ? [make("p", "hint", words.say(hint))] : []), this.#table(batch.batch, batch.lines, counting)];
  }

  #taking({ batch, sheet }) {
    const words = this.#words;
    const numbers = Object.fromEntries(sheet.passengers.map((one) => [one.case, one.number]));
    const lines = sheet.lines.map((line) => ({ ...line, number: numbers[line.case], name: {}, counted: null, open: false }));
    return [
      make("h2", "", words.say("batch.incoming", { number: sheet.number })),
      make("p", "flow-turn", words.say("batch.from", { place: sheet.frm })),
      make("p", "hint", words.say("batch.count_hint")),
      this.#table(batch, lines, true),
    ];
  }

  #isCounting(batch) {
    return !batch.signer && batch.what === "materials";
  }

  #table(id, lines, counting) {
    const words = this.#words;
    const table = make("table", "flow-table");
    const heads = make("tr");
    heads.append(...["case", "material", "on_sheet", "counted", "difference"].map((name) => make("th", "", words.say(`batch.${name}`))));
    const rows = lines.map((line, place) => this.#row(id, line, place, counting));
    const head = make("thead");
    head.append(heads);
    const body = make("tbody");
    body.append(...rows);
    table.append(head, body);
    return table;
  }

  #row(id, line, place, counting) {
    const words = this.#words;
    const row = make("tr");
    const counted = make("td");
    const says = make("td", "flow-difference");
    const name = line.material === "result" ? words.say("batch.result") : words.own(line.name) || line.material;
    row.append(make("td", "flow-number", `…${line.number.slice(-8)}`), make("td", "", name), make("td", "flow-count", String(line.sheets)), counted, says);
    if (counting) counted.append(this.#count(id, line, place, name, (number) => this.#difference(row, says, line.sheets, number)));
    else counted.textContent = line.counted === null ? "—" : String(line.counted);
    this.#difference(row, says, line.sheets, counting ? this.#typed(id, place) : line.counted);
    return row;
  }

  #count(id, line, place, name, changed) {
    const input = make("input");
    Object.assign(input, { type: "text", inputMode: "numeric", maxLength: 4, name: `count-${place}`, autocomplete: "off" });
    input.value = this.#counts[id]?.[place] ?? "";
    input.dataset.line = place;
    input.setAttribute("aria-label", `${name} ${this.#words.say("batch.counted")}`);
    input.addEventListener("input", () => {
      input.value = input.value.replace(/[^0-9]/g, "");
      (this.#counts[id] ??= {})[place] = input.value;
      changed(this.#typed(id, place));
    });
    return input;
  }

  #typed(id, place) {
    const typed = this.#counts[id]?.[place] ?? "";
    return typed === "" ? null : Number(typed);
  }

  #difference(row, place, sheets, counted) {
    const words = this.#words;
    row.classList.toggle("flow-differs", counted !== null && counted !== sheets);
    if (counted === null) place.textContent = words.say("batch.not_counted");
    else if (counted === sheets) place.textContent = words.say("batch.same");
    else place.textContent = words.say(counted < sheets ? "batch.short" : "batch.more", { n: Math.abs(sheets - counted) });
  }

  // --- acts ---

  acts(id) {
    const words = this.#words;
    const found = [];
    const act = (name, says, run) => found.push({ act: name, says: words.say(says), run });
    const ready = this.#ready(id);
    const batch = this.#list.batches.find((one) => one.batch === id);
    if (ready) act("make", "batch.make", () => this.#seal(ready));
    if (id === INCOMING && this.#incoming) act("take_in", "batch.sign", () => this.#takeIn());
    if (batch && this.#isCounting(batch)) act("sign", "batch.sign", () => this.#sign(batch));
    for (const line of batch?.lines.filter((one) => one.open) ?? []) {
      found.push({ act: "settle", says: `${words.say("batch.settle")}：${this.#name(line)}`, run: () => this.#settle(batch, line) });
    }
    if (batch?.what === "results" && !batch.incoming && !batch.signer) act("save", "batch.save", () => this.#save(batch));
    act("file", "batch.take_in", () => this.#choose());
    return found;
  }

  #name(line) {
    return line.material === "result" ? this.#words.say("batch.result") : this.#words.own(line.name) || line.material;
  }

  #seal({ what, to, cases }) {
    const left = this.#left[`${what} ${to}`] ?? new Set();
    const going = cases.filter((uid) => !left.has(uid));
    this.#send("batches", { what, to, cases: going }, "sealed");
  }

  #sign(batch) {
    const counted = this.#counted(batch.batch, batch.lines);
    if (!counted) return;
    const words = this.#words;
    this.#flow.ask({
      title: words.say("batch.sign_title", { number: batch.number }),
      parts: [make("p", "sheet-due", this.#verdict(batch.lines, counted))],
      fields: [{ name: "pin", says: words.say("batch.sign_who"), secret: true }],
      confirm: words.say("batch.sign"),
      run: (_, __, { pin }) => this.#send(`batches/${batch.batch}/sign`, { counted, pin }, "signed"),
    });
  }

  #verdict(lines, counted) {
    const differing = lines.filter((line, place) => line.sheets !== counted[place].sheets).length;
    return this.#words.say(differing ? "batch.sign_differs" : "batch.sign_same", { n: differing });
  }

  // Every line has to be counted: what nobody looked at is not the same as none.
  #counted(id, lines) {
    const counted = lines.map(({ case: uid, material }, place) => ({ case: uid, material, sheets: this.#typed(id, place) }));
    const open = counted.findIndex((line) => line.sheets === null);
    if (open < 0) return counted;
    const n = counted.filter((line) => line.sheets === null).length;
    this.#flow.told(this.#words.say("batch.count_all", { n }));
    document.querySelector(`#flow-one [name="count-${open}"]`)?.focus();
    return null;
  }

  #settle(batch, line) {
    const words = this.#words;
    this.#flow.ask({
      title: words.say("batch.settle_title", { ...line, name: this.#name(line) }),
      choices: SETTLED[batch.what].map((one) => [one, words.say(`batch.${one}`)]),
      fields: [{ name: "pin", says: words.say("batch.witness"), secret: true }],
      confirm: words.say("ask.yes"),
      run: (outcome, _, { pin }) => {
        const { case: uid, material } = line;
        this.#send(`batches/${batch.batch}/settle`, { case: uid, material, outcome, pin }, "settled");
      },
    });
  }

  // --- from hall to hall ---

  #save(batch) {
    const link = make("a");
    link.href = `/api/window/${this.#window}/batches/${batch.batch}/sheet`;
    link.download = `${batch.number}.json`;
    link.click();
  }

  #choose() {
    const field = make("input");
    field.type = "file";
    field.accept = "application/json";
    field.addEventListener("change", async () => {
      try {
        const { batch, sheet } = JSON.parse(await field.files[0].text());
        if (!batch || !Array.isArray(sheet.lines) || !Array.isArray(sheet.passengers)) throw new SyntaxError("no sheet");
        this.#incoming = { batch, sheet };
        await this.#flow.go("batches", INCOMING);
      } catch {
        this.#flow.told(this.#words.say("batch.take_in_bad"));
      }
    });
    field.click();
  }

  #takeIn() {
    const { batch, sheet } = this.#incoming;
    const counted = this.#counted(batch, sheet.lines);
    if (!counted) return;
    this.#flow.ask({
      title: this.#words.say("batch.incoming", { number: sheet.number }),
      parts: [make("p", "sheet-due", this.#verdict(sheet.lines, counted))],
      confirm: this.#words.say("batch.sign"),
      run: () => this.#send("batches/take-in", { batch, sheet, counted }, "signed"),
    });
  }

  async #send(path, body, done) {
    try {
      const made = await post(`/api/window/${this.#window}/${path}`, { id: newId(), ...body });
      if (done === "signed") {
        delete this.#counts[made.batch];
        this.#incoming = null;
      }
      await this.#flow.did(this.#words.say(`batch.done_${done}`, { number: made.number }), made.batch);
    } catch (error) {
      this.#flow.said(error);
    }
  }
}
