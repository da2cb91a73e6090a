// What a clerk does with turns beyond the plain five: each act a button and a function key, its questions in a sheet.

import { get, hallNow } from "/shared/hall.js";
import { make, setText } from "/clerk/desk.js";
import { Sheet } from "/clerk/sheets.js";
import { GROUNDS, clock, marks } from "/shared/marks.js";

const KEYS = {
  F2: "undo",
  F3: "hold",
  F4: "back",
  F6: "transfer",
  F7: "call",
  F8: "green",
  F9: "revive",
  F10: "pause",
  KeyZ: "guidance",
};
const BACK = ["materials_missing", "system_down", "wrong_window", "needs_other_window", "clerk_ends"];
const SENT_ON = ["needs_other_window", "wrong_window", "system_down"];
const OUT_OF_TURN = ["asked_back", "escorted", "emergency", "manager"];
const PAUSES = ["lunch", "break", "meeting", "system_down", "other"];
const GUIDED = ["came", "by_phone", "nobody"];
const MINUTES = [0, 10, 20, 30, 60, 90, 120];
const MOST = 9; // choices that a digit reaches

const at = (id) => document.getElementById(id);

// `told`: say, said, and send(path, body, done) that posts one step for this window and says what came of it.
export class Turns {
  #words;
  #told;
  #sheet;
  #catalogue = null;
  #now = null;
  #hall = null;
  #units = {}; // names of departments, asked for when one is needed
  #asking = null;

  constructor(words, told) {
    this.#words = words;
    this.#told = told;
    this.#sheet = new Sheet(words, at("turn-sheet"));
    at("turns").addEventListener("click", (event) => {
      const act = event.target.closest("[data-turn]")?.dataset.turn;
      if (act) this.#start(act);
    });
    at("desk").addEventListener("click", (event) => {
      const { settle, resume, revive } = event.target.closest("[data-settle], [data-resume], [data-revive]")?.dataset ?? {};
      if (settle) this.#settle(this.#now.queue.find((one) => one.ticket === settle));
      if (resume) this.#send("resume", { ticket: resume });
      if (revive) this.#send("revive", { ticket: revive });
    });
  }

  know(catalogue) {
    this.#catalogue = catalogue;
  }

  leave() {
    this.#sheet.close();
    this.#now = null;
  }

  // --- drawing ---

  draw(snapshot, hall) {
    this.#now = snapshot;
    this.#hall = hall;
    const words = this.#words;
    const { window, held, missed, queue } = snapshot;
    const left = this.#undoLeft();
    const paused = Boolean(window.paused);
    this.#key("undo", left > 0, left > 0 ? words.say("turn.undo_left", { n: left }) : words.say("turn.undo"));
    this.#key("hold", window.state === "serving" || (window.state === "idle" && held.length > 0),
      words.say(window.state === "idle" && held.length ? "turn.resume" : "turn.hold"));
    this.#key("back", window.state !== "idle");
    this.#key("transfer", window.state !== "idle");
    this.#key("call", window.state === "idle" && queue.length > 0);
    this.#key("green", queue.length > 0);
    this.#key("revive", missed.length > 0);
    this.#key("pause", window.state === "idle", words.say(paused ? "turn.work" : "turn.pause"));
    const { guidance } = snapshot;
    this.#key("guidance", window.state === "serving", words.say(guidance ? "turn.guidance_end" : "turn.guidance"));
    this.#waitsFor(guidance);
    this.#why(snapshot.current);
    this.#items(snapshot.current);
    this.#aside(held, "held", "resume");
    this.#aside(missed, "missed", "revive");
  }

  #key(act, fits, text = "") {
    const key = at("turns").querySelector(`[data-turn="${act}"]`);
    key.classList.toggle("key-off", !fits);
    if (text) setText(key.querySelector("span"), text);
  }

  // Somebody of a department is waited for: since when, as long as it is not recorded how it ended.
  #waitsFor(guidance) {
    const line = at("now-guidance");
    line.hidden = !guidance;
    if (!guidance) return;
    if (!this.#units[guidance.unit]) this.#nameUnit(guidance.unit); // the code stands there until then
    const unit = this.#unit(guidance.unit);
    const age = this.#words.age(Math.max(0, (hallNow() - guidance.since) / 1000), { exact: true });
    setText(line, this.#words.say("turn.guidance_waits", { unit, age }));
  }

  async #nameUnit(unit) {
    await this.#knowUnits().catch(() => {});
    if (this.#units[unit] && this.#now?.guidance?.unit === unit) this.#waitsFor(this.#now.guidance);
  }

  #unit(id) {
    return this.#words.own(this.#units[id]) || id;
  }

  async #knowUnits() {
    this.#units = await (this.#asking ??= get("/api/catalogue/units").finally(() => (this.#asking = null)));
  }

  // Why this ticket was called and no other; out of turn with the reason given.
  #why(current) {
    const words = this.#words;
    at("now-why").hidden = !current?.why;
    if (!current?.why) return;
    const values = { n: current.over, time: clock(current.slot), reason: words.say(`out_of_turn.${current.reason || "manager"}`) };
    const kind = current.why === "order" ? `order_${current.klass}` : current.why;
    setText(at("now-why"), words.say("called_why.title", { why: words.say(`called_why.${kind}`, values) }));
  }

  #items(current) {
    const items = current?.items ?? [];
    at("now-items").hidden = items.length < 2;
    if (items.length < 2) return;
    const rest = items.slice(1).map((id) => this.#service(id)).join(this.#words.say("turn.and"));
    setText(at("now-items"), this.#words.say("turn.items", { n: items.length - 1, rest }));
  }

  // A line for each ticket put aside here or missed, with its way back.
  #aside(tickets, kind, act) {
    const lines = tickets.map((ticket) => {
      const line = make("li", "aside-line");
      const button = make("button", "key", this.#words.say(`turn.${act}_short`));
      button.type = "button";
      button.dataset[act] = ticket.ticket;
      button.setAttribute("aria-label", `${this.#words.say(`turn.${act}_short`)} ${ticket.number}`);
      line.append(make("strong", "", ticket.number), make("span", "", this.#service(ticket.service)), ...this.#awaits(ticket), button);
      return line;
    });
    const list = at(`${kind}-list`);
    at(kind).hidden = !lines.length;
    if (document.activeElement?.closest(`#${kind}-list`) && list.childElementCount === lines.length) return;
    list.replaceChildren(...lines);
  }

  // Put aside because the person waits in the hall for a unit: how long, or that the decision is there.
  #awaits(ticket) {
    if (!ticket.awaits) return [];
    const age = this.#words.age(Math.max(0, (hallNow() - ticket.awaits_since) / 1000), { exact: true });
    const told = ticket.awaits === "told";
    return [make("span", `aside-wait ${told ? "chip chip-green" : "hint"}`, this.#words.say(told ? "turn.decision_there" : "turn.decision_awaited", { age }))];
  }

  #undoLeft() {
    const until = this.#now?.undo_until ?? 0;
    return until ? Math.max(0, Math.floor((until - hallNow()) / 1000)) : 0;
  }

  #service(id) {
    const entry = this.#catalogue?.services.find((service) => service.id === id);
    return entry ? this.#words.own(entry.name) : id;
  }

  // --- acts ---

  // True when the key was ours.
  pressed(event) {
    if (this.#sheet.isOpen) return this.#sheet.pressed(event);
    const act = KEYS[event.code];
    if (!act || !this.#now || event.shiftKey) return false;
    if (act === "guidance" && event.target.closest("input, select, textarea")) return false; // a letter that is typed
    if (!event.repeat) this.#start(act);
    return true;
  }

  get isOpen() {
    return this.#sheet.isOpen;
  }

  #start(act) {
    const { window, held, current } = this.#now;
    const acts = {
      undo: () => this.#send("undo", {}),
      hold: () => (window.state === "idle" && held.length ? this.#resume(held) : this.#send("hold", {})),
      back: () => (current ? this.#back() : this.#no("turn.nobody")),
      transfer: () => (current ? this.#transfer(current) : this.#no("turn.nobody")),
      call: () => this.#call(),
      green: () => this.#green(),
      revive: () => this.#revive(),
      guidance: () => (this.#now.guidance ? this.#guided() : this.#guidance()),
      pause: () => (window.paused ? this.#send("work", {}) : this.#pause()),
    };
    acts[act]();
  }

  #no(key) {
    this.#told.say(this.#words.say(key));
  }

  #send(verb, body) {
    return this.#told.send(verb, body);
  }

  #ask(title, choices, run, more = {}) {
    const quick = choices.length <= MOST && !more.text;
    const confirm = quick ? "" : this.#words.say("turn.choose");
    this.#sheet.open({ title, choices, now: quick, confirm, run, ...more });
  }

  #chosen(list, words) {
    return list.map((one) => [one, this.#words.say(`${words}.${one}`)]);
  }

  #resume(held) {
    if (held.length === 1) return this.#send("resume", { ticket: held[0].ticket });
    const choices = held.map((one) => [one.ticket, this.#line(one)]);
    this.#ask(this.#words.say("turn.resume_which"), choices, (ticket) => this.#send("resume", { ticket }));
  }

  #back() {
    const title = this.#words.say("turn.back_why", { number: this.#now.current.number });
    const parts = [make("p", "hint", this.#words.say("turn.back_hint"))];
    this.#ask(title, this.#chosen(BACK, "back"), (reason) => this.#send("return", { reason }), { parts });
  }

  #transfer(current) {
    const words = this.#words;
    const windows = (this.#hall?.windows ?? []).filter((one) => one.id !== this.#now.window.id);
    const choices = [
      ...windows.map((one) => [`w ${one.id}`, `${words.say("sign_in.window_name", { number: one.number })}　${this.#doing(one)}`]),
      ...this.#catalogue.services
        .filter((one) => one.id !== current.service)
        .map((one) => [`s ${one.id}`, words.say("turn.to_service", { name: words.own(one.name) })]),
    ];
    this.#ask(words.say("turn.transfer_where", { number: current.number }), choices, (target) => {
      const [kind, id] = target.split(" ");
      const to = kind === "w" ? windows.find((one) => one.id === id) : null;
      const stays = !to || to.services.includes(current.service);
      const service = to ? (stays ? "" : to.services[0]) : id;
      const title = words.say("turn.transfer_why", { number: current.number });
      this.#ask(title, this.#chosen(SENT_ON, "back"), (reason) => this.#send("transfer", { service, to: to?.id ?? "", reason }));
    });
  }

  // A window as the person sent there would find it.
  #doing(window) {
    const words = this.#words;
    if (!window.clerk) return words.say("turn.window_closed");
    return window.paused ? words.say("turn.window_paused") : words.say(`turn.window_${window.state}`);
  }

  #call() {
    const words = this.#words;
    this.#sheet.open({
      title: words.say("turn.call_which"),
      parts: [make("p", "hint", words.say("turn.call_hint"))],
      text: words.say("turn.call_number"),
      confirm: words.say("turn.choose"),
      run: (_, text) => {
        const number = text.trim().toUpperCase();
        if (!/^[A-Z]{0,2}[0-9]{1,4}$/.test(number)) return this.#no("turn.call_form");
        const title = words.say("turn.call_why", { number });
        this.#ask(title, this.#chosen(OUT_OF_TURN, "out_of_turn"), (reason) => this.#send("call", { number, reason }));
      },
    });
  }

  // Those who declared come first; one who did not declare may be granted it too.
  #green() {
    const open = this.#now.queue.filter((one) => one.klass !== "appointment");
    const waiting = [...open.filter((one) => one.declared && one.klass !== "green"), ...open.filter((one) => !one.declared || one.klass === "green")];
    if (!waiting.length) return this.#no("turn.nobody_waits");
    const choices = waiting.slice(0, 30).map((one) => [one.ticket, this.#line(one)]);
    this.#ask(this.#words.say("turn.green_which"), choices, (ticket) => this.#settle(waiting.find((one) => one.ticket === ticket)));
  }

  #settle(ticket) {
    if (!ticket) return;
    const words = this.#words;
    const title = words.say("turn.green_title", { number: ticket.number });
    const ground = ticket.declared;
    if (!ground) {
      const parts = [make("p", "hint", words.say("turn.green_grant"))];
      this.#ask(title, this.#chosen(GROUNDS, "ground"), (one) => this.#settled(ticket, one, true), { parts });
      return;
    }
    const said = make("p", "sheet-due", words.say("turn.green_declared", { ground: words.say(`ground.${ground}`) }));
    const choices = [["yes", words.say("turn.green_yes")], ["no", words.say("turn.green_no")]];
    this.#ask(title, choices, (answer) => this.#settled(ticket, ground, answer === "yes"), {
      parts: [said, make("p", "hint", words.say("turn.green_hint"))],
    });
  }

  #settled(ticket, ground, holds) {
    return this.#told.send("green", { ticket: ticket.ticket, ground, holds }, holds ? "green_yes" : "green_no");
  }

  #revive() {
    const { missed } = this.#now;
    if (!missed.length) return this.#no("turn.nobody_missed");
    const choices = missed.map((one) => [one.ticket, this.#line(one)]);
    this.#ask(this.#words.say("turn.revive_which"), choices, (ticket) => this.#send("revive", { ticket }));
  }

  async #guidance() {
    const words = this.#words;
    if (this.#now.window.state !== "serving") return this.#no("turn.guidance_in_service");
    try {
      await this.#knowUnits();
    } catch (error) {
      return this.#told.said(error);
    }
    const decides = this.#now.case?.decides;
    const units = Object.entries(this.#units).sort(([one], [other]) => (other === decides) - (one === decides));
    const parts = [make("p", "hint", words.say("turn.guidance_hint"))];
    const choices = units.map(([id, name]) => [id, words.own(name)]);
    this.#ask(words.say("turn.guidance_which"), choices, (unit) => this.#told.send("guidance/call", { unit }, "guidance_called"), { parts });
  }

  #guided() {
    const title = this.#words.say("turn.guidance_ended", { unit: this.#unit(this.#now.guidance.unit) });
    this.#ask(title, this.#chosen(GUIDED, "guided"), (outcome) => this.#told.send("guidance/end", { outcome }, "guidance_ended"));
  }

  #pause() {
    const words = this.#words;
    if (this.#now.window.state !== "idle") return this.#send("pause", { reason: "other" });
    this.#ask(words.say("turn.pause_why"), this.#chosen(PAUSES, "pause"), (reason) => {
      const choices = MINUTES.map((minutes) => [minutes, this.#until(minutes)]);
      this.#ask(words.say("turn.pause_until"), choices, (minutes) => {
        const until = minutes ? Math.round(hallNow()) + minutes * 60000 : 0;
        this.#send("pause", { reason, until });
      });
    });
  }

  #until(minutes) {
    if (!minutes) return this.#words.say("turn.until_unsaid");
    return this.#words.say("turn.until", { n: minutes, time: clock(hallNow() + minutes * 60000) });
  }

  #line(ticket) {
    return [ticket.number, this.#service(ticket.service), ...marks(this.#words, ticket).map(([text]) => text)].join("　");
  }
}
