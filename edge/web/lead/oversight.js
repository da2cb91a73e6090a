// Supervision: what needs a person, what is due, tasks and complaints. Asked again every quarter minute and after each step.

import { Refused, get, newId, post } from "/shared/hall.js";
import { ComplaintDialog } from "/shared/complaint.js";
import { Ask, refusedText } from "/lead/ask.js";
import { CopiesCard } from "/lead/copies.js";
import { complaintCard, taskCard } from "/lead/cards.js";
import { button, make, pace } from "/lead/pieces.js";

const AGAIN_MS = 15000;
const STATES = { case: "due_stage", part: "part_mode" }; // words of what has no card to open
const SOON_MS = 3000;
const at = (id) => document.getElementById(id);

export class Oversight {
  #words;
  #catalogue = null;
  #signedOut;
  #onLoss;
  #show;
  #itemName;
  #ask;
  #copies;
  #now = null;
  #timer = 0;
  #register = null;

  // `show(view)` turns to a view of the page; `signedOut()` and `lost(bool)` are told; `itemName(id)` says it in words.
  constructor(words, { signedOut, lost, show, itemName }) {
    this.#words = words;
    this.#itemName = itemName;
    this.#signedOut = signedOut;
    this.#onLoss = lost;
    this.#show = show;
    this.#ask = new Ask(words, at("asking"));
    this.#copies = new CopiesCard(words, this.#ask);
    at("register").addEventListener("click", () => this.#register.open());
    at("follow-views").addEventListener("click", (event) => {
      const uid = event.target.closest("[data-open]")?.dataset.open;
      if (uid) this.#open(uid);
    });
  }

  know(catalogue) {
    this.#catalogue = catalogue;
    this.#register = new ComplaintDialog(this.#words, at("registering"), catalogue, {
      path: "/api/oversight/complaint",
      channels: ["phone", "paper_box", "window"],
      done: () => this.look(),
    });
  }

  leave() {
    clearTimeout(this.#timer);
    this.#now = null;
    at("asking").close();
    at("registering").close();
  }

  async look() {
    clearTimeout(this.#timer);
    let lost = false;
    try {
      this.#take(await get("/api/oversight"));
      await this.#copies.look();
    } catch (error) {
      if (error instanceof Refused && [401, 403].includes(error.status)) {
        this.#signedOut();
        return;
      }
      lost = true;
    }
    this.#onLoss(lost);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), lost ? SOON_MS : AGAIN_MS);
  }

  // An older answer than the one shown changes nothing.
  #take(snapshot) {
    if (this.#now && snapshot.seq < this.#now.seq) return;
    this.#now = snapshot;
    this.draw();
  }

  draw() {
    this.#copies.draw();
    if (!this.#now || !this.#catalogue) return;
    const { alarms, due, tasks, complaints } = this.#now;
    this.#count("watch", alarms.length + due.filter((each) => each.pace === "overdue").length);
    this.#count("tasks", tasks.filter((each) => each.steps.length && each.state !== "closed").length);
    this.#count("complaints", complaints.filter((each) => each.steps.length).length);
    this.#cards(at("tasks"), tasks, taskCard, "task.none");
    this.#cards(at("complaints"), complaints, complaintCard, "complaint.none");
    this.#alarms(alarms); // after the cards that it opens
    this.#due(due);
  }

  #count(view, n) {
    const tab = document.querySelector(`.tabs [data-view="${view}"]`);
    tab.querySelector(".count")?.remove();
    if (n) tab.append(make("span", "count", String(n)));
  }

  #alarms(alarms) {
    const words = this.#words;
    at("alarms").replaceChildren(
      ...alarms.map((each) => {
        const window = each.window ? this.#windowName(each.window) : "";
        const said = each.said ? words.say(`said.${each.said}`) : "";
        const line = make("li", "", words.say(`alarm.${each.kind}`, { ...each, window, said }).trim());
        line.dataset.alarm = each.kind;
        if (each.since) {
          line.append(make("span", "hint", words.say("alarm.since", { since: each.since.slice(0, 16).replace("T", " ") })));
        }
        if (each.kind === "complaint_urged") line.append(this.#opener(each.subject));
        if (each.kind === "word_disputed") {
          const complaint = each.about.startsWith("complaint:");
          if (complaint && at(each.about)) line.append(this.#opener(each.about), " ");
          line.append(this.#settler(each.subject, complaint ? "watched.settled_above" : "watched.settled"));
        }
        return line;
      }),
    );
    at("alarms-none").hidden = alarms.length > 0;
  }

  #due(due) {
    const words = this.#words;
    const counts = { overdue: 0, soon: 0, in_time: 0, unknown: 0 };
    for (const each of due) counts[each.pace] += 1;
    at("due-counts").textContent = due.length ? words.say("watched.counts", counts) : "";
    const urgent = due.filter((each) => each.pace !== "in_time");
    const calm = due.filter((each) => each.pace === "in_time");
    at("due-none").hidden = due.length > 0;
    at("due").replaceChildren(...(urgent.length ? [this.#dueTable(urgent)] : []));
    const more = at("due-more");
    more.hidden = !calm.length;
    more.querySelector("summary").textContent = words.say("watched.more", { n: calm.length });
    more.querySelector("div").replaceChildren(...(calm.length ? [this.#dueTable(calm)] : []));
  }

  #dueTable(lines) {
    const words = this.#words;
    const table = make("table", "dues");
    const head = table.createTHead().insertRow();
    for (const key of ["kind", "number", "state", "until", "light"]) {
      const cell = make("th", "", words.say(`watched.${key}`));
      cell.scope = "col";
      head.append(cell);
    }
    head.append(make("td"));
    const body = table.createTBody();
    for (const each of lines) {
      const row = body.insertRow();
      row.dataset.due = each.uid;
      const first = make("th", "", words.say(`due_kind.${each.kind}`));
      first.scope = "row";
      row.append(first);
      row.insertCell().textContent = each.number || "—";
      row.insertCell().textContent = words.say(`${STATES[each.kind] ?? "step"}.${each.state}`);
      row.insertCell().textContent = each.due || "—";
      row.insertCell().append(pace(words, each));
      const last = row.insertCell();
      if (!STATES[each.kind]) last.append(this.#opener(each.uid));
      else last.textContent = [words.own(each.unit_name), each.window && this.#windowName(each.window), each.item && this.#itemName(each.item)].filter(Boolean).join(" ");
    }
    return table;
  }

  #opener(uid) {
    const made = button(this.#words.say("watched.open"), "link", () => {});
    made.dataset.open = uid;
    return made;
  }

  #settler(item, says) {
    return button(this.#words.say(says), "link", async (event) => {
      event.currentTarget.disabled = true;
      try {
        this.#take(await post("/api/oversight/dispute", { id: newId(), item }));
      } catch {
        this.look();
      }
    });
  }

  #open(uid) {
    this.#show(uid.startsWith("task:") ? "tasks" : "complaints");
    const card = at(uid);
    card?.scrollIntoView({ block: "center" });
    card?.focus();
  }

  #cards(root, cards, draw, none) {
    const opened = new Set([...root.querySelectorAll("details[open]")].map((each) => each.dataset.kept));
    const focus = document.activeElement?.closest?.("article")?.id;
    const step = document.activeElement?.dataset?.step;
    const told = {
      words: this.#words,
      leads: this.#now.leads,
      windowName: (id) => this.#windowName(id),
      itemName: this.#itemName,
      step: (card, name) => this.#step(card, name),
      read: (subject, of, n) => this.#read(subject, of, n),
    };
    root.replaceChildren(
      ...(cards.length ? cards.map((card) => draw(card, told)) : [make("p", "hint", this.#words.say(none))]),
    );
    for (const each of root.querySelectorAll("details")) each.open = opened.has(each.dataset.kept);
    if (focus && root.querySelector(`[id="${focus}"]`)) {
      const card = at(focus);
      (card.querySelector(`[data-step="${step}"]`) ?? card).focus({ preventScroll: true });
    }
  }

  #step(card, name) {
    const kind = card.uid.startsWith("task:") ? "task" : "complaint";
    const id = newId(); // one id a dialog: pressing again after a lost answer repeats the same step
    const run = async (step, body) => {
      this.#take(await post(`/api/oversight/${kind}/${card.uid}/${step}`, { id, ...body }));
      this.#say(this.#words.say("watched.done"));
    };
    if (name === "take") this.#mine(run);
    else this.#ask.step(kind, name, this.#now.leads, (body) => run(name, body));
  }

  async #mine(run) {
    try {
      const me = (await get("/api/session")).clerk;
      await run("assign", { to: me });
    } catch (error) {
      this.#say(refusedText(this.#words, error));
    }
  }

  async #read(subject, of, n) {
    try {
      this.#ask.note(await post("/api/oversight/note", { id: newId(), subject, of, n }));
    } catch (error) {
      this.#say(refusedText(this.#words, error));
    }
  }

  #say(text) {
    at("follow-said").textContent = text;
  }

  #windowName(id) {
    const found = this.#catalogue.windows.find((entry) => entry.id === id);
    return found ? this.#words.say("bar.window", { number: found.number }) : id;
  }
}
