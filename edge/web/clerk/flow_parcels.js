// Papers sent by post: signed for once, counted against the sender's list, and given to the case in hand.

import { get, newId, post } from "/shared/hall.js";
import { make } from "/clerk/desk.js";

const COURIERS = ["ems", "sf", "jd", "other"];
const NEW = "new"; // the parcel that is being counted
const MOST = 9;

export class Parcels {
  finds = false;
  says = true;
  counts = "parcel.n";
  #words;
  #flow;
  #window = "";
  #list = { parcels: [], expected: [], case: "", case_item: "" };
  #new = null; // { sheet, typed: { waybill, courier, application, listed-0, found-0, ... } }

  constructor(words, flow) {
    this.#words = words;
    this.#flow = flow;
  }

  enter(window) {
    this.#window = window;
  }

  leave() {
    this.#list = { parcels: [], expected: [], case: "", case_item: "" };
    this.#new = null;
  }

  async load() {
    this.#list = await get(`/api/window/${this.#window}/parcels`);
    return this.#list.seq;
  }

  async look() {}

  content() {
    const { seq, ...list } = this.#list;
    return [list, this.#new?.sheet.id];
  }

  empty() {
    return "flow.no_parcels";
  }

  // Enter goes on to the next field; after the last one the parcel is signed for.
  entered(field) {
    const all = [...document.querySelectorAll("#flow-one input, #flow-one select")];
    const next = all[all.indexOf(field) + 1];
    if (next) next.focus();
    else document.querySelector('[data-act="sign_this"]')?.click();
    return true;
  }

  // --- drawing ---

  entries() {
    const words = this.#words;
    const parcels = [
      ...this.#list.parcels.map((one) => ({ id: one.parcel, parts: this.#line(one) })),
      ...this.#list.expected.map((one) => ({ id: one.parcel, parts: this.#expectedLine(one) })),
    ];
    if (!this.#new) return parcels;
    const parts = [make("strong", "flow-name", words.own(this.#new.sheet.name)), make("span", "flow-stage", words.say("parcel.new"))];
    return [{ id: NEW, parts }, ...parcels];
  }

  #line(one) {
    return [this.#state(one), make("strong", "flow-name", one.waybill), make("span", "flow-stage", this.#words.own(one.item_name))];
  }

  #expectedLine(one) {
    const chip = make("span", "chip flow-light chip-blue", this.#words.say("parcel.expected"));
    return [chip, make("strong", "flow-name", one.waybill || one.application), make("span", "flow-stage", this.#words.own(one.item_name))];
  }

  #state({ differences }) {
    const n = differences.length;
    const says = this.#words.say(n ? "parcel.differs" : "parcel.counted", { n });
    return make("span", `chip flow-light ${n ? "chip-red" : "chip-green"}`, says);
  }

  parts(id) {
    if (id === NEW && this.#new) return this.#counting(this.#new);
    const [parcel, expected] = [this.#parcel(id), this.#expected(id)];
    if (expected) return this.#announced(expected);
    return parcel ? this.#shown(parcel) : [];
  }

  #expected(id) {
    return this.#list.expected.find((one) => one.parcel === id);
  }

  // What the centre tells of an online application whose papers are on their way.
  #announced(one) {
    const words = this.#words;
    const head = make("header", "flow-head");
    head.append(make("h2", "", one.waybill || one.application), make("span", "chip chip-blue", words.say("parcel.expected")));
    const facts = [words.say("parcel.item", { item: words.own(one.item_name) }), words.say("parcel.application", { number: one.application }), words.say("parcel.told", one)];
    return [head, make("p", "flow-turn", facts.join("　")), this.#table(one.listed, (line) => [String(line.listed), "—"], false), make("p", "hint", words.say("parcel.from_online"))];
  }

  #parcel(id) {
    return this.#list.parcels.find((one) => one.parcel === id);
  }

  #shown(parcel) {
    const words = this.#words;
    const head = make("header", "flow-head");
    head.append(make("h2", "", parcel.waybill), this.#state(parcel));
    const facts = [words.say("parcel.item", { item: words.own(parcel.item_name) }), words.say("parcel.signed", parcel)];
    if (parcel.application) facts.push(words.say("parcel.application", { number: parcel.application }));
    if (parcel.witness) facts.push(words.say("parcel.opened_by_two", { name: parcel.witness }));
    const same = parcel.counted.filter((one) => parcel.differences.every((other) => other.material !== one.material));
    const table = this.#table([...parcel.differences, ...same], (line) => [line.listed, line.counted].map(String));
    const hint = this.#fits(parcel) ? [] : [make("p", "hint", words.say("parcel.match_first"))];
    return [head, make("p", "flow-turn", facts.join("　")), table, ...hint];
  }

  #fits(parcel) {
    return Boolean(this.#list.case) && this.#list.case_item === parcel.item;
  }

  #counting({ sheet, typed }) {
    const words = this.#words;
    const fields = make("div", "parcel-fields");
    const courier = make("select");
    courier.append(...COURIERS.map((one) => new Option(words.say(`courier.${one}`), one)));
    fields.append(
      this.#labelled("parcel.waybill", this.#field("waybill", "", 40)),
      this.#labelled("parcel.courier", this.#kept(courier, "courier")),
      this.#labelled("parcel.number", this.#field("application", "", 40)),
    );
    typed.courier ??= COURIERS[0];
    const lines = sheet.materials.map((one, place) => ({ ...one, place }));
    const table = this.#table(lines, ({ name, place }) =>
      ["listed", "found"].map((column) => column === "listed" && this.#new.expected ? typed[`listed-${place}`] || "—" : this.#field(`${column}-${place}`, `${words.own(name)} ${words.say(`parcel.${column}`)}`, 3)),
    );
    return [make("h2", "", words.own(sheet.name)), fields, make("p", "hint", words.say(this.#new.expected ? "parcel.from_online" : "parcel.fill_hint")), table];
  }

  #labelled(key, field) {
    const label = make("label", "sheet-text");
    label.append(make("span", "", this.#words.say(key)), field);
    return label;
  }

  // A number of sheets, or with no `says` a code in capitals.
  #field(name, says, longest) {
    const input = make("input");
    Object.assign(input, { type: "text", autocomplete: "off", maxLength: longest, inputMode: says ? "numeric" : "text" });
    if (says) input.setAttribute("aria-label", says);
    return this.#kept(input, name, says ? /[^0-9]/g : /\s/g);
  }

  #kept(field, name, never = null) {
    const { typed } = this.#new;
    field.name = name;
    if (typed[name] !== undefined) field.value = typed[name];
    field.addEventListener("input", () => {
      const kept = never ? field.value.replace(never, "") : field.value;
      if (kept !== field.value) field.value = kept;
      typed[name] = kept;
    });
    return field;
  }

  // `cells`: of one line, listed and found; each a text or a field.
  #table(lines, cells, differs = true) {
    const words = this.#words;
    const table = make("table", "flow-table");
    const heads = make("tr");
    heads.append(...["material", "listed", "found"].map((name) => make("th", "", words.say(`parcel.${name}`))));
    const rows = lines.map((line) => {
      const row = make("tr", differs && line.counted !== undefined && line.listed !== line.counted ? "flow-differs" : "");
      const numbers = cells(line).map((cell) => {
        const place = make("td", "flow-count");
        place.append(cell);
        return place;
      });
      row.append(make("td", "", words.own(line.name)), ...numbers);
      return row;
    });
    const [head, body] = [make("thead"), make("tbody")];
    head.append(heads);
    body.append(...rows);
    table.append(head, body);
    return table;
  }

  // --- acts ---

  acts(id) {
    const act = (name, run) => ({ act: name, says: this.#words.say(`parcel.${name}`), run });
    if (id === NEW && this.#new) return [act("sign_this", () => this.#sign()), act("give_up", () => this.#giveUp())];
    const parcel = this.#parcel(id);
    const match = parcel && this.#fits(parcel) ? [act("match", () => this.#match(parcel))] : [];
    const expected = this.#expected(id);
    const came = expected ? [act("sign_expected", () => this.#tried(() => this.#begin(expected.item, expected)))] : [];
    return [...came, ...match, act("sign", () => (this.#new ? this.#flow.go("parcels", NEW) : this.#find()))];
  }

  #find() {
    const words = this.#words;
    this.#flow.ask({
      title: words.say("parcel.find_title"),
      fields: [{ name: "text", says: words.say("parcel.find") }],
      confirm: words.say("ask.yes"),
      run: (_, __, { text }) => this.#tried(() => this.#found(text)),
    });
  }

  async #found(text) {
    const words = this.#words;
    const typed = text.trim().toUpperCase();
    const expected = this.#list.expected.find((one) => typed && [one.waybill, one.application].includes(typed));
    if (expected) return this.#begin(expected.item, expected);
    const items = (await get(`/api/catalogue/items?text=${encodeURIComponent(text)}`)).slice(0, MOST);
    if (!items.length) return this.#flow.told(words.say("parcel.none_found"));
    const choices = items.map((one) => [one.id, words.own(one.name)]);
    this.#flow.ask({
      title: words.say("parcel.which"),
      choices,
      confirm: words.say("ask.yes"),
      run: (item) => this.#tried(() => this.#begin(item)),
    });
  }

  // `expected`: its list, number and waybill are those of the online application.
  async #begin(item, expected = null) {
    const sheet = await get(`/api/catalogue/items/${item}`);
    const typed = {};
    if (expected) {
      const others = expected.listed.filter((line) => sheet.materials.every((one) => one.id !== line.material));
      sheet.materials = [...sheet.materials, ...others.map((line) => ({ id: line.material, name: line.name }))];
      const { waybill, application, courier } = expected;
      Object.assign(typed, { waybill, application, courier: COURIERS.includes(courier) ? courier : courier ? "other" : COURIERS[0] });
      for (const [place, one] of sheet.materials.entries()) {
        typed[`listed-${place}`] = String(expected.listed.find((line) => line.material === one.id)?.listed ?? "");
      }
    }
    this.#new = { sheet, typed, expected };
    await this.#flow.go("parcels", NEW);
    const first = expected?.waybill ? "found-0" : "waybill";
    document.querySelector(`#flow-one [name=${first}]`)?.focus();
  }

  #giveUp() {
    this.#new = null;
    return this.#flow.go("parcels");
  }

  #sheets(column) {
    const { sheet, typed } = this.#new;
    const sheets = sheet.materials.map((one, place) => ({ material: one.id, sheets: Number(typed[`${column}-${place}`]) || 0 }));
    return sheets.filter((one) => one.sheets > 0);
  }

  #sign() {
    const words = this.#words;
    const code = (name) => (this.#new.typed[name] ?? "").trim().toUpperCase();
    const [waybill, application] = [code("waybill"), code("application")];
    if (!/^[A-Z0-9-]{4,40}$/.test(waybill)) return this.#wrong("waybill", "parcel.waybill_form");
    if (!/^[A-Z0-9-]{0,40}$/.test(application)) return this.#wrong("application", "parcel.number_form");
    const [listed, counted] = [this.#sheets("listed"), this.#sheets("found")];
    const of = (sheets, material) => sheets.find((one) => one.material === material)?.sheets ?? 0;
    const n = this.#new.sheet.materials.filter(({ id }) => of(listed, id) !== of(counted, id)).length;
    const body = { waybill, application, courier: this.#new.typed.courier, item: this.#new.sheet.id, listed, counted };
    this.#flow.ask({
      title: words.say("parcel.sign_title", { waybill }),
      parts: [make("p", "sheet-due", words.say(n ? "parcel.not_same" : "parcel.same", { n }))],
      fields: n ? [{ name: "pin", says: words.say("parcel.witness"), secret: true }] : [],
      confirm: words.say("ask.yes"),
      run: (_, __, { pin = "" }) => this.#tried(() => this.#signed({ ...body, pin })),
    });
  }

  #wrong(name, key) {
    this.#flow.told(this.#words.say(key));
    document.querySelector(`#flow-one [name=${name}]`)?.focus();
  }

  async #signed(body) {
    const { parcels } = await post(`/api/window/${this.#window}/parcels`, { id: newId(), ...body });
    this.#new = null;
    const made = parcels.find((one) => one.waybill === body.waybill);
    await this.#flow.did(this.#words.say("parcel.done_signed", body), made?.parcel);
  }

  #match(parcel) {
    const words = this.#words;
    this.#flow.ask({
      title: words.say("parcel.match_title", parcel),
      parts: [make("p", "hint", words.say("parcel.match_hint"))],
      confirm: words.say("ask.yes"),
      run: () => this.#tried(() => this.#matched(parcel)),
    });
  }

  async #matched(parcel) {
    await post(`/api/window/${this.#window}/parcels/${parcel.parcel}/match`, { id: newId(), case: this.#list.case });
    await this.#flow.did(this.#words.say("parcel.done_matched", parcel));
  }

  async #tried(step) {
    try {
      await step();
    } catch (error) {
      this.#flow.said(error);
    }
  }
}
