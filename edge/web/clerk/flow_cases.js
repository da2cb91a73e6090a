// Cases after their receipt: where each stands, how much time is left, its course, and the acts possible now.

import { get, newId, post } from "/shared/hall.js";
import { tellText } from "/clerk/case_view.js";
import { make } from "/clerk/desk.js";
import { DEFECTS } from "/clerk/sheets.js";

const LIGHTS = { red: "chip-red", yellow: "chip-amber", green: "chip-green" };
const CODES = ["number", "receipt", "query", "entry"];
const LACKS = ["materials", "mismatch", "damaged", "other"];
const WHY = ["missing", "too_few", ...DEFECTS];
const REASONS = {
  lack: LACKS,
  suspend: ["extended", "hearing", "inspection", "expert_review", "other"],
  reject: ["mismatch", "damaged", "materials", "other"],
};

export class Cases {
  finds = true;
  says = true;
  before = 2; // the acts come right under where the case stands
  #words;
  #flow;
  #window = "";
  #list = { dossiers: [] };
  #one = null;

  constructor(words, flow) {
    this.#words = words;
    this.#flow = flow;
  }

  enter(window) {
    this.#window = window;
  }

  leave() {
    this.#list = { dossiers: [] };
    this.#one = null;
  }

  async load(text) {
    this.#list = await get(`/api/window/${this.#window}/dossiers?text=${encodeURIComponent(text)}`);
    return this.#list.seq;
  }

  async look(id) {
    this.#one = id ? await get(`/api/window/${this.#window}/dossiers/${id}`) : null;
  }

  content() {
    const { seq, ...one } = this.#one ?? {};
    return [this.#list.dossiers, one];
  }

  empty(text) {
    return text ? "flow.none_found" : "flow.none";
  }

  entered() {
    return false;
  }

  // --- drawing ---

  entries() {
    return this.#list.dossiers.map((one) => ({ id: one.case, parts: this.#line(one) }));
  }

  #line(one) {
    const words = this.#words;
    return [
      one.outcome ? make("span") : this.#light(one),
      make("strong", "flow-name", words.own(one.item_name)),
      make("span", "flow-number", `…${one.receipt.slice(-10)}`),
      make("span", "flow-stage", words.say(`stage.${one.stage}`)),
    ];
  }

  // Never the colour alone: which light it is, and how many days, stand there in words.
  #light(one) {
    const words = this.#words;
    if (!one.light) return make("span", "chip flow-light", words.say("light.none"));
    return make("span", `chip flow-light ${LIGHTS[one.light]}`, `${words.say(`light.${one.light}`)} ${this.#left(one)}`);
  }

  #left({ days_left: left }) {
    if (left === null) return "";
    if (left < 0) return this.#words.say("light.over", { n: -left });
    return left ? this.#words.say("light.left", { n: left }) : this.#words.say("light.today");
  }

  parts() {
    const one = this.#one;
    if (!one) return [];
    const words = this.#words;
    const head = make("header", "flow-head");
    head.append(make("h2", "", words.own(one.item_name)), make("span", "chip chip-blue", words.say(`stage.${one.stage}`)));
    if (!one.outcome) head.append(this.#light(one));
    return [
      head,
      make("p", "flow-turn", words.say(`turn_of.${one.turn}`)),
      ...this.#tasks(one),
      this.#facts(one),
      this.#timeline(one),
      ...this.#supplements(one),
      ...this.#papers(one),
    ];
  }

  #facts(one) {
    const words = this.#words;
    const limit = one.limit_days === null ? "" : ` · ${words.say("flow.limit", { n: one.limit_days })}`;
    const place = one.pickup && words.own(this.#list.place_names?.[one.pickup]);
    const from = one.origin && words.say("flow.origin", { place: words.own(this.#list.place_names?.[one.origin]) || one.origin });
    const facts = [
      ["number", one.number],
      ["receipt", one.receipt],
      ["query", one.query_code],
      ["received", from || `${one.received} · ${words.say(`flow.kind_${one.kind}`)}${limit}`],
      ["due", one.due],
      ["unit", one.unit && words.own(one.unit_name)],
      ["delivery", words.say(`way_of.${one.delivery}`)],
      ["pickup", one.pickup ? place || one.pickup : words.say("flow.here")],
      ["outcome", one.outcome && words.say(`outcome_of.${one.outcome}`)],
      ["seal", words.own(one.seal_name)],
      ["entry", one.entry],
      ["ready", one.stage === "ready" && words.say("flow.reminded", { date: one.ready, n: one.reminded })],
      ["stops", one.stops.map((stop) => words.say(stop.last ? "flow.stop" : "flow.stop_runs", stop)).join("　")],
    ].filter(([, value]) => value);
    const list = make("dl", "flow-facts");
    for (const [name, value] of facts) {
      list.append(make("dt", "", words.say(`flow.${name}`)), make("dd", CODES.includes(name) ? "flow-code" : "", value));
    }
    return list;
  }

  #timeline(one) {
    const words = this.#words;
    const list = make("ol", "flow-course");
    for (const step of one.timeline) {
      const line = make("li");
      line.append(make("time", "", `${step.at.slice(0, 10)} ${step.at.slice(11, 16)}`), make("strong", "", words.say(`act_of.${step.act}`)));
      list.append(line);
    }
    return section(words.say("flow.timeline"), list);
  }

  // What was asked for after the receipt, the newest last, and whether its paper is there.
  #supplements(one) {
    const words = this.#words;
    return one.supplements.map((given) => {
      const list = make("ol", "told");
      list.append(...given.points.map((line) => make("li", "", tellText(words, line))));
      const facts = [given.number, given.at.slice(0, 10), given.unit && words.say("supplement_of.unit"), words.say(`supplement_of.${given.print === "none" ? "none_yet" : given.print}`)];
      const state = make("p", "hint", [...facts, given.text].filter(Boolean).join("　"));
      return section(words.say("supplement_of.title"), list, state);
    });
  }

  #papers(one) {
    const words = this.#words;
    if (!one.holdings.length) return [];
    const list = make("ul", "flow-held");
    for (const held of one.holdings) {
      const line = make("li");
      const where = words.say("flow.held", held) + (held.lost ? `　${words.say("flow.lost", { n: held.lost })}` : "");
      line.append(make("span", "", words.own(held.name)), make("span", "hint", where));
      list.append(line);
    }
    return [section(words.say("flow.holdings"), list)];
  }

  #tasks(one) {
    const words = this.#words;
    if (!one.tasks.length) return [];
    const list = make("ul", "flow-held");
    for (const task of one.tasks) {
      const line = make("li");
      const limit = task.limit_days !== null && words.say("flow.part_limit", { n: task.limit_days });
      const facts = [words.say(`task_of.${task.mode}`), words.say(`task_of.${task.status}`), limit, task.due && `${words.say("flow.due")} ${task.due}`];
      const told = make("span", "flow-part-told");
      told.append(make("span", "hint", facts.filter(Boolean).join(" · ")));
      if (task.light) told.append(this.#light(task));
      line.append(make("span", "", words.own(task.unit_name)), told);
      list.append(line);
    }
    return [section(words.say("flow.tasks"), list)];
  }

  // --- acts ---

  acts() {
    const words = this.#words;
    const asks = {
      forward: () => this.#forward(),
      supply: () => this.#supply(),
      decide: () => this.#decide(),
      register: () => this.#plain("register", () => this.#post("register", {}, "register")),
      deliver: () => this.#deliver(),
      papers: () => this.#flow.go("batches", `materials ${this.#one.unit}`),
      hand: () => this.#flow.go("batches", `results ${this.#one.pickup}`),
      security_paper: () => this.#paper(),
    };
    const offers = (this.#one?.offers ?? []).map((act) => ({
      act,
      says: words.say(`act_of.${act}`),
      run: asks[act] ?? (() => (REASONS[act] ? this.#reason(act) : this.#plain(act, () => this.#step(act)))),
    }));
    return [...offers, ...this.#paperActs(), ...this.#waitActs()];
  }

  // Who stands at the window waits in the hall for the unit: the ticket is put aside next, and taken up again later.
  #waitActs() {
    if (!this.#one?.can_await) return [];
    return [{ act: "await", says: this.#words.say("act_of.await"), run: () => this.#plain("await", () => this.#post("await", {}, "await")) }];
  }

  // Of the newest notice to supplement: printed again, or for the first time where the deciding unit asked for it.
  #paperActs() {
    const given = this.#one?.supplements.at(-1);
    if (!given) return [];
    const act = (name, path) => ({
      act: name,
      says: this.#words.say(`act_of.${name}`),
      run: () => this.#post(path, { number: given.number }, name),
    });
    const again = act(given.copies ? "print_again" : "print", "print");
    return given.print === "unknown" ? [again, act("came_out", "came-out")] : [again];
  }

  #ask(act, more) {
    const words = this.#words;
    const { parts = [], ...rest } = more;
    const hint = make("p", "hint", words.say(`ask_hint.${act}`));
    this.#flow.ask({ title: words.say(`ask.${act}`), parts: [hint, ...parts], confirm: words.say("ask.yes"), ...rest });
  }

  #plain(act, run) {
    this.#ask(act, { run, parts: act === "accept" ? this.#delegation() : [] });
  }

  #delegation() {
    const { delegation } = this.#one;
    if (!delegation) return [];
    const { number, unit_name: unit, seal_name: seal, last } = delegation;
    const words = this.#words;
    const says = words.say("flow.delegation_of", { number, unit: words.own(unit), seal: words.own(seal), last });
    return [make("p", "sheet-due", `${words.say("flow.delegation")}：${says}`)];
  }

  #reason(act) {
    const choices = REASONS[act].map((one) => [one, this.#words.say(`reason_of.${one}`)]);
    this.#ask(act, { choices, run: (reason) => (act === "lack" ? this.#points(reason) : this.#step(act, { reason })) });
  }

  // Material by material, each with what is wrong with it, until the list is whole: it is told once.
  #points(reason, points = []) {
    const words = this.#words;
    const open = Object.entries(this.#one.materials).filter(([id]) => points.every((point) => point.material !== id));
    const named = make("ol", "told");
    named.append(...points.map((point) => make("li", "", tellText(words, { ...point, name: this.#one.materials[point.material] }))));
    const done = [["", words.say(points.length ? "supplement_of.whole" : "supplement_of.none")]];
    this.#ask("points", {
      parts: points.length ? [named] : [],
      choices: [...(points.length ? done : []), ...open.map(([id, name]) => [id, words.own(name)]), ...(points.length ? [] : done)],
      run: (material) => (material ? this.#why(reason, points, material) : this.#step("lack", { reason, points })),
    });
  }

  #why(reason, points, material) {
    const words = this.#words;
    this.#flow.ask({
      title: words.say("ask.why", { name: words.own(this.#one.materials[material]) }),
      choices: WHY.map((one) => [one, words.say(`why.${one}`)]),
      confirm: words.say("ask.yes"),
      run: (why) => this.#points(reason, [...points, { material, why }]),
    });
  }

  // The unit that the catalogue names for the item stands first.
  #forward() {
    const words = this.#words;
    const units = Object.entries(this.#list.unit_names);
    units.sort(([one], [other]) => (other === this.#one.decides) - (one === this.#one.decides));
    this.#ask("forward", { choices: units.map(([id, name]) => [id, words.own(name)]), run: (unit) => this.#step("forward", { unit }) });
  }

  #supply() {
    const { materials } = this.#one;
    const fields = Object.entries(materials).map(([name, says]) => ({ name, says: this.#words.own(says), number: true, value: "0" }));
    this.#ask("supply", {
      fields,
      run: (_, __, given) => {
        const brought = Object.entries(given).map(([material, sheets]) => ({ material, sheets: Number(sheets) || 0 }));
        this.#step("supply", { brought: brought.filter((one) => one.sheets > 0) });
      },
    });
  }

  #decide() {
    const choices = ["granted", "denied"].map((one) => [one, this.#words.say(`outcome_of.${one}`)]);
    this.#ask("decide", { choices, parts: this.#delegation(), run: (outcome) => this.#post("decide", { outcome }, "decide") });
  }

  #deliver() {
    const words = this.#words;
    const ways = this.#one.collections;
    const choices = ways.map((one, place) => [place, `${words.say(`collect.${one.way}_${one.collector}`)}（${words.say(`proof_of.${one.proof}`)}）`]);
    this.#ask("deliver", { choices, run: (place) => this.#collect(ways[place]) });
  }

  #collect({ way, collector, proof, named }) {
    const words = this.#words;
    const told = { way, collector, proof };
    const send = (person = {}) => this.#post("deliver", { ...told, ...person }, "deliver");
    const fields = named ? ["name", "id_number"].map((name) => ({ name, says: words.say(`collect.${name}`) })) : [];
    const title = `${words.say(`collect.${way}_${collector}`)}：${words.say(`proof_of.${proof}`)}`;
    this.#ask("deliver", { title, fields, run: (_, __, person) => send(person) });
  }

  async #paper() {
    try {
      const stocks = await get(`/api/window/${this.#window}/papers`);
      if (!stocks.length) return this.#flow.go("papers");
      const choices = stocks.map((one) => [one.kind, one.kind]);
      const fields = [{ name: "serial", says: this.#words.say("stock.serial"), number: true }];
      this.#ask("security_paper", {
        choices,
        fields,
        run: (kind, _, { serial }) => this.#send(`papers/use`, { kind, serial: Number(serial), case: this.#one.case }, "security_paper"),
      });
    } catch (error) {
      this.#flow.said(error);
    }
  }

  #step(act, more = {}) {
    return this.#post("step", { act, ...more }, act);
  }

  #post(path, body, act) {
    return this.#send(`dossiers/${this.#one.case}/${path}`, body, act);
  }

  async #send(path, body, act) {
    try {
      await post(`/api/window/${this.#window}/${path}`, { id: newId(), ...body });
      await this.#flow.did(this.#words.say("flow.done", { act: this.#words.say(`act_of.${act}`) }));
    } catch (error) {
      this.#flow.said(error);
    }
  }
}

export function section(title, ...parts) {
  const found = make("section", "flow-part");
  found.append(make("h3", "", title), ...parts);
  return found;
}
