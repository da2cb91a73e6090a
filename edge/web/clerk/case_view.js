// Draws a case from its snapshot: checklist, the chosen material with its pages, and how it ended.

import { make, setText } from "/clerk/desk.js";
import { drawFields, heldText, isUsable } from "/clerk/held.js";

const at = (id) => document.getElementById(id);
const KEYS = [
  ["receive", "Enter"],
  ["notice", "N"],
  ["precheck", "E"],
  ["refuse", "X"],
  ["aside", "A"],
  ["drop", "W"],
];

export class CaseView {
  #words;
  #does;
  #pictures = new Map(); // digest -> element, so that a page is fetched (and recorded as shown) once
  #drawn = "";

  constructor(words, does) {
    this.#words = words;
    this.#does = does;
    at("checklist").addEventListener("click", (event) => {
      const line = event.target.closest("[data-place]");
      if (!line) return;
      does(event.target.closest(".check-key") ? "toggle" : "select", Number(line.dataset.place));
    });
  }

  forget() {
    this.#pictures.clear();
    this.#drawn = "";
    at("pages").replaceChildren();
    at("case-done").replaceChildren();
  }

  head(taken) {
    const words = this.#words;
    const known = Boolean(taken);
    setText(at("case-item"), known ? words.own(taken.item_name) : words.say("case.none_open"));
    at("case-kind").hidden = at("case-applicant").hidden = !known;
    at("case-applicant").hidden = taken?.state !== "draft";
    at("case-unverified").hidden = !taken?.unverified.length;
    if (!known) return;
    const limit = taken.limit_days === null ? "" : ` · ${words.say("case.limit", { n: taken.limit_days })}`;
    setText(at("case-kind"), words.say(`case.kind.${taken.kind}`) + limit);
    setText(at("case-unverified"), words.say("case.unverified"));
    at("case-unverified").title = taken.unverified.map((fact) => words.say(`fact.${fact}`)).join(" · ");
  }

  // Redrawn only when something changed: the focus and what is being read stay where they are.
  work(taken, selected, window, cameraOpen) {
    const shown = JSON.stringify([taken, selected, cameraOpen, this.#words.language]);
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    this.#checklist(taken, selected);
    drawFields(this.#words, taken.fields, this.#does);
    this.#detail(taken, taken.materials[selected], window);
    at("camera").hidden = !cameraOpen;
    if (cameraOpen) (at("pages").lastElementChild ?? at("camera")).scrollIntoView({ block: "nearest" });
    this.#keys(taken);
  }

  #checklist(taken, selected) {
    const lines = taken.materials.map((line, place) => this.#line(line, place, place === selected));
    if (!lines.length) lines.push(make("li", "hint", this.#words.say("case.no_materials")));
    at("checklist").replaceChildren(...lines);
    at("checklist").setAttribute("aria-activedescendant", `check-${selected}`);
    at(`check-${selected}`)?.scrollIntoView({ block: "nearest" });
  }

  #line(line, place, selected) {
    const words = this.#words;
    const entry = make("li", `check check-${look(line)}`);
    entry.id = `check-${place}`;
    entry.dataset.place = place;
    entry.setAttribute("role", "option");
    entry.setAttribute("aria-selected", String(selected));
    const key = make("kbd", "check-key", place < 10 ? String((place + 1) % 10) : "·");
    const name = make("span", "check-name", words.own(line.name));
    if (!line.mandatory) name.append(make("small", "", words.say("case.optional")));
    const facts = make("span", "check-facts", this.#facts(line));
    entry.append(key, name, make("span", "check-state", this.#state(line)), facts);
    return entry;
  }

  #state(line) {
    const words = this.#words;
    if ((line.state === null || line.state === "missing") && isUsable(line.held)) return words.say("held.ready");
    if (line.state === null) return words.say(line.mandatory ? "mark.open" : "mark.open_optional");
    if (line.state === "defect") return words.say(`why.${line.defect}`);
    if (line.lack) return words.say(`why.${line.lack}`);
    return words.say(`mark.${line.state}`);
  }

  #facts(line) {
    const words = this.#words;
    const wanted = amount(words, line.wanted_originals, line.wanted_copies);
    const has = line.state === "provided" ? amount(words, line.originals, line.copies) : "";
    if (line.held && (line.state !== "provided" || line.lack)) return heldText(words, line.held);
    const parts = [wanted && words.say("case.wanted", { amount: wanted })];
    if (has && has !== wanted) parts.push(words.say("case.has", { amount: has }));
    if (line.pages.length) parts.push(words.say("case.pages", { n: line.pages.length }));
    const warned = line.pages.filter((page) => page.warnings.length).length;
    if (warned) parts.push(words.say("case.pages_warned", { n: warned }));
    return parts.filter(Boolean).join(" · ");
  }

  #detail(taken, line, window) {
    const words = this.#words;
    setText(at("detail-name"), line ? words.own(line.name) : "");
    const notes = [line?.note, line?.sample].map((text) => words.own(text)).filter(Boolean);
    setText(at("detail-note"), notes.join("　"));
    const marks = line ? this.#marks(line) : [];
    at("detail-marks").replaceChildren(...marks);
    at("detail-counts").replaceChildren(...(line ? this.#counts(line) : []));
    const capture = this.#key("capture", "C", "capture");
    capture.classList.toggle("key-off", !taken.has_camera);
    const pages = line?.pages.map((page) => this.#page(page, window)) ?? [];
    if (line) at("detail-counts").append(capture);
    at("pages").replaceChildren(...pages);
  }

  #marks(line) {
    const marks = [this.#key("provided", "␣"), this.#key("missing", "M"), this.#key("defect", "D")];
    const held = isUsable(line.held);
    if (line.reusable || held) marks.push(this.#key("reused", "U", held ? "use_held" : "reused"));
    if (held) marks.push(this.#key("decline", "I"));
    else if (line.reusable) marks.push(this.#key("earlier", "Q"));
    for (const mark of marks) mark.setAttribute("aria-pressed", String(mark.dataset.do === line.state));
    return marks;
  }

  #counts(line) {
    return [this.#stepper("originals", line, "[", "]"), this.#stepper("copies", line, "-", "+")];
  }

  #stepper(which, line, less, more) {
    const words = this.#words;
    const group = make("span", "stepper");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.say(`case.${which}`));
    const number = line.state === "provided" ? line[which] : line[`wanted_${which}`];
    const down = make("button", "step", less);
    const up = make("button", "step", more);
    down.setAttribute("aria-label", words.say("case.fewer", { what: words.say(`case.${which}`) }));
    up.setAttribute("aria-label", words.say("case.more", { what: words.say(`case.${which}`) }));
    down.type = up.type = "button";
    down.addEventListener("click", () => this.#does(which, -1));
    up.addEventListener("click", () => this.#does(which, 1));
    const value = make("output", line.state === "provided" ? "" : "count-wanted", String(number));
    group.append(make("span", "", words.say(`case.${which}`)), down, value, up);
    return group;
  }

  #page(page, window) {
    const words = this.#words;
    const tile = make("figure", page.warnings.length ? "page page-warned" : "page");
    const warned = page.warnings.map((warning) => words.say(`scan.${warning}`)).join(" ");
    const says = make("figcaption", "", words.say("scan.number", { n: page.page }));
    if (warned) says.append(make("strong", "", warned));
    const again = make("button", "page-does", words.say("scan.again"));
    again.append(make("kbd", "", "G"));
    const drop = make("button", "page-does", words.say("scan.drop"));
    again.type = drop.type = "button";
    again.addEventListener("click", () => this.#does("again", page.h));
    drop.addEventListener("click", () => this.#does("drop_page", page.h));
    tile.append(this.#picture(page, window), says, again, drop);
    return tile;
  }

  #picture(page, window) {
    const known = this.#pictures.get(page.h);
    if (known) return known;
    const picture = make("img");
    Object.assign(picture, { alt: this.#words.say("scan.number", { n: page.page }), draggable: false });
    picture.src = `/api/window/${window}/case/page/${page.h}`;
    this.#pictures.set(page.h, picture);
    return picture;
  }

  #keys(taken) {
    const due = make("p", "case-due", this.#due(taken));
    const keys = KEYS.map(([what, key]) => this.#key(what, key));
    const first = taken.lacking ? "notice" : "receive";
    for (const key of keys) key.classList.toggle("key-first", key.dataset.do === first);
    const found = taken.precheck ? [make("p", "hint case-precheck", precheckText(this.#words, taken.precheck))] : [];
    at("case-keys").replaceChildren(due, ...found, ...keys);
  }

  #due(taken) {
    const words = this.#words;
    const lacks = taken.lacking ? words.say("case.lacking", { n: taken.lacking }) : words.say("case.complete");
    return `${lacks} ${dueText(words, taken)}`;
  }

  #key(what, key, says = what) {
    const button = make("button", "key");
    button.type = "button";
    button.dataset.do = what;
    button.setAttribute("aria-keyshortcuts", key === "␣" ? "Space" : key);
    button.append(make("span", "", this.#words.say(`case_do.${says}`)), make("kbd", "", key));
    button.addEventListener("click", () => this.#does(what));
    return button;
  }

  // --- how it ended ---

  done(taken) {
    const words = this.#words;
    const shown = JSON.stringify([taken, words.language]);
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    const parts = [make("p", `done-state done-${taken.state}`, words.say(`case_state.${taken.state}`))];
    if (taken.number) parts.push(this.#fact("case.number", taken.number), this.#fact("case.query", taken.query_code));
    if (taken.state === "received") parts.push(make("p", "done-due", dueText(words, taken)));
    if (taken.refused_for) parts.push(make("p", "done-due", words.say(`reason.${taken.refused_for}`)));
    if (taken.state === "noticed") parts.push(this.#told(taken));
    const paper = taken.papers.at(-1);
    if (paper) parts.push(this.#paper(paper));
    const keys = make("div", "case-row");
    if (paper) keys.append(this.#key("reprint", "P"));
    if (paper?.print === "unknown") keys.append(this.#key("came_out", "Y"));
    if (["aside", "noticed"].includes(taken.state)) keys.append(this.#key("take_up", "B"));
    keys.append(this.#key("another", "O"));
    parts.push(keys, make("p", "hint done-next", words.say("case.finish_next")));
    at("case-done").replaceChildren(...parts);
  }

  #fact(key, value) {
    const fact = make("p", "done-fact", this.#words.say(key));
    fact.append(make("strong", "", value));
    return fact;
  }

  #told(taken) {
    const list = make("ol", "told");
    list.append(...taken.tell.map((line) => make("li", "", tellText(this.#words, line))));
    return list;
  }

  #paper(paper) {
    const words = this.#words;
    const state = make("p", `done-paper done-paper-${paper.print}`);
    state.setAttribute("role", "status");
    state.append(make("strong", "", words.say(`paper.${paper.what}`)), make("span", "", ` ${words.say(`paper_print.${paper.print}`)}`));
    if (paper.text) state.append(make("span", "done-paper-text", paper.text));
    return state;
  }
}

export function dueText(words, taken) {
  if (taken.calendar_missing) return words.say("case.due_unknown", { year: taken.calendar_missing });
  if (!taken.due) return words.say("case.due_none");
  if (taken.number) return words.say("case.due_given", { due: taken.due, counted: taken.counted });
  return words.say("case.due", { due: taken.due, counted: taken.counted });
}

// Who looked through it before the receipt, what was found, and whether anything was changed since.
export function precheckText(words, precheck) {
  const who = precheck.unit ? words.own(precheck.unit_name) : words.say("precheck.window");
  const found = precheck.points.map((line) => tellText(words, line)).join(words.say("precheck.and"));
  const said = found ? words.say("precheck.found", { found }) : words.say("precheck.well");
  const line = words.say("precheck.line", { who, time: precheck.at.slice(0, 16).replace("T", " "), said });
  return precheck.stands ? line : `${line}${words.say("precheck.changed")}`;
}

export function tellText(words, line) {
  return `${words.own(line.name)}　${words.say(`why.${line.why}`)}`;
}

export function amount(words, originals, copies) {
  const parts = [];
  if (originals) parts.push(words.say("case.n_originals", { n: originals }));
  if (copies) parts.push(words.say("case.n_copies", { n: copies }));
  return parts.join(" ");
}

function look(line) {
  if (line.state === null) return isUsable(line.held) ? "held" : "open";
  return line.lack || line.state === "defect" || line.state === "missing" ? "bad" : "good";
}
