// The case of the turn at this window: what a clerk does with it, by keyboard first.

import { get, newId, post, remove } from "/shared/hall.js";
import { Camera } from "/clerk/camera.js";
import { DRAFT_KEYS, Steps, counts, firstOpen } from "/clerk/case_keys.js";
import { CaseStart } from "/clerk/case_start.js";
import { CaseView } from "/clerk/case_view.js";
import { HeldValue, declineSheet, earlierSheet, isUsable } from "/clerk/held.js";
import { Sheet, asideSheet, defectSheet, dropSheet, noticeSheet, precheckSheet, receiveSheet, refuseSheet } from "/clerk/sheets.js";
import { setText } from "/clerk/desk.js";

const at = (id) => document.getElementById(id);
const PICTURE_PATIENCE = 45000;
const PERSON_SHOWN = 15000;

export class CasePanel {
  #words;
  #told;
  #view;
  #start;
  #sheet;
  #camera;
  #window = "";
  #serving = false;
  #case = null;
  #selected = 0;
  #again = false; // another item in the same turn
  #seq = 0;
  #shown = "";
  #steps = new Steps((event) => this.#pressedNow(event, false));
  #personTimer = 0;
  #value;

  // told: { say(text), said(error), working() }
  constructor(words, told) {
    this.#words = words;
    this.#told = told;
    this.#sheet = new Sheet(words, at("sheet"));
    this.#camera = new Camera(words, at("camera-view"), at("camera-says"));
    this.#value = new HeldValue(words);
    this.#view = new CaseView(words, (what, value) => this.#do(what, value));
    this.#start = new CaseStart(words, {
      say: told.say,
      said: told.said,
      hint: (key) => told.say(words.say(key)),
      opened: (opened, person) => this.#opened(opened, person),
      takeUp: (uid) => this.#takeUp(uid),
    });
    at("case-applicant").addEventListener("click", () => this.#showApplicant());
  }

  enter(window) {
    this.#window = window;
    this.#seq = 0;
    this.#start.enter(window);
  }

  leave() {
    this.#sheet.close();
    this.#closeCamera();
    this.#start.forget();
    this.#hidePerson();
    this.#view.forget();
    this.#window = "";
    this.#serving = false;
    this.#case = null;
    this.#show();
  }

  draw(snapshot) {
    const serving = snapshot.window.state === "serving";
    const turned = serving !== this.#serving;
    this.#serving = serving;
    if (turned) this.#turned();
    this.#take(snapshot.case, snapshot.seq);
  }

  #turned() {
    this.#again = false;
    this.#sheet.close();
    this.#hidePerson();
    this.#value.hide();
    this.#view.forget();
    this.#start.forget();
  }

  // An answer may overtake what comes live: the older of the two is left alone.
  #take(taken, seq = taken.seq) {
    if (seq < this.#seq) {
      this.#show();
      return;
    }
    this.#seq = seq;
    const other = taken?.case !== this.#case?.case || taken?.state !== this.#case?.state;
    this.#case = taken;
    if (other) {
      this.#sheet.close();
      this.#value.hide();
      this.#closeCamera();
      if (taken?.state === "draft") this.#again = false;
      this.#selected = firstOpen(taken);
    }
    this.#show();
  }

  get #mode() {
    if (!this.#serving) return "none";
    if (this.#case?.state === "draft") return "draft";
    return this.#case && !this.#again ? "done" : "start";
  }

  #show() {
    const mode = this.#mode;
    at("desk").classList.toggle("with-case", mode !== "none");
    at("desk").classList.toggle("case-digits", mode === "draft");
    at("case").hidden = mode === "none";
    at("case-start").hidden = mode !== "start";
    at("case-work").hidden = mode !== "draft";
    at("case-done").hidden = mode !== "done";
    const other = mode !== this.#shown;
    this.#shown = mode;
    if (mode === "none") return;
    if (other && mode === "start") this.#start.reset();
    this.#view.head(mode === "start" ? null : this.#case);
    if (mode === "start") this.#start.draw();
    if (mode === "draft") this.#view.work(this.#case, this.#selected, this.#window, this.#camera.isOpen);
    if (mode === "done") this.#view.done(this.#case);
  }

  // --- steps ---

  async #send(what, body, patience) {
    this.#told.working();
    try {
      const asked = { id: newId(), case: this.#case.case, ...body };
      const made = await post(`/api/window/${this.#window}/case/${what}`, asked, { patience });
      this.#told.say("");
      this.#take(made);
      return made;
    } catch (error) {
      this.#told.said(error);
      return null;
    }
  }

  #opened(opened, person) {
    this.#take(opened);
    this.#showPerson(person);
    at("checklist").focus();
    this.#told.say(this.#words.say("case.opened"));
  }

  async #takeUp(uid) {
    try {
      const taken = await post(`/api/window/${this.#window}/case/take-up`, { id: newId(), case: uid });
      this.#take(taken);
      at("checklist").focus();
      this.#told.say(this.#words.say("case.taken_up"));
    } catch (error) {
      this.#told.said(error);
    }
  }

  async #showApplicant() {
    try {
      this.#showPerson(await get(`/api/window/${this.#window}/case/applicant`));
    } catch (error) {
      this.#told.said(error);
    }
  }

  #showPerson(person) {
    setText(at("case-person"), `${person.name}  ${person.id_number}`);
    clearTimeout(this.#personTimer);
    this.#personTimer = setTimeout(() => this.#hidePerson(), PERSON_SHOWN);
  }

  #hidePerson() {
    clearTimeout(this.#personTimer);
    setText(at("case-person"), "");
  }

  get #line() {
    return this.#case.materials[this.#selected];
  }

  #mark(state, more = {}) {
    const line = this.#line;
    if (!line) return null;
    const form = { missing: "none", reused: "reused" }[state] ?? (line.pages.length ? "scan" : "paper");
    const kept = state === "provided" ? counts(line) : { originals: 0, copies: 0 };
    return this.#send("mark", { material: line.material, state, form, ...kept, ...more });
  }

  // The digit of a line: there as wanted; once more: not there.
  async #toggle(place) {
    if (!this.#case.materials[place]) return;
    this.#select(place);
    const right = this.#line.state === "provided" && !this.#line.lack;
    await this.#mark(right ? "missing" : "provided");
  }

  // --- what is held already ---

  async #reuse() {
    const { material, name, held } = this.#line ?? {};
    if (!material) return;
    const made = await this.#mark("reused");
    if (!made || !isUsable(held)) return;
    this.#told.say(this.#words.say("held.was_used", { name: this.#words.own(name) }));
    if (held.has_value) await this.#value.show(this.#window, material, this.#words.own(name));
  }

  async #useField(field) {
    const { name, held } = this.#case.fields.find((each) => each.field === field);
    const made = await this.#send("reuse", { what: field });
    if (made && held.has_value) await this.#value.show(this.#window, field, this.#words.own(name));
  }

  #decline(what, name) {
    this.#sheet.open(
      declineSheet(this.#words, this.#words.own(name), async (why) => {
        this.#value.hide();
        if (await this.#send("reuse/decline", { what, why })) this.#told.say(this.#words.say("held.was_declined"));
      }),
    );
  }

  #declineLine() {
    const { material, name, held } = this.#line ?? {};
    return held ? this.#decline(material, name) : this.#told.say(this.#words.say("held.none"));
  }

  #earlier() {
    this.#sheet.open(
      earlierSheet(this.#words, async (number) => {
        if (number && (await this.#send("earlier", { number }))) this.#told.say(this.#words.say("held.found"));
      }),
    );
  }

  #select(place) {
    this.#value.hide();
    this.#selected = Math.max(0, Math.min(this.#case.materials.length - 1, place));
    this.#show();
  }

  #count(which, step) {
    const line = this.#line;
    if (!line) return;
    const now = line.state === "provided" ? { originals: line.originals, copies: line.copies } : counts(line);
    now[which] = Math.max(0, now[which] + step);
    return this.#mark("provided", { ...now, form: line.form === "scan" ? "scan" : "paper" });
  }

  // --- pages ---

  // First the picture is looked at, then it is taken.
  async #capture(replaces = "") {
    if (!this.#case.has_camera) {
      this.#told.say(this.#words.say("camera.missing"));
      return;
    }
    const line = this.#line;
    if (!line) return;
    if (!this.#camera.live && !replaces) {
      this.#camera.open(this.#window);
      this.#show();
      return;
    }
    const made = await this.#send("page", { material: line.material, replaces }, PICTURE_PATIENCE);
    const page = made?.materials.find((each) => each.material === line.material)?.pages.at(-1);
    if (!page) return;
    if (line.state === null || line.state === "missing") {
      await this.#send("mark", { material: line.material, state: "provided", form: "scan", ...counts(line) });
    }
    const gap = this.#words.language === "en" ? " " : "";
    const warned = page.warnings.map((warning) => this.#words.say(`scan.${warning}`)).join(gap);
    const key = warned ? "scan.warned" : "scan.kept";
    this.#told.say(this.#words.say(key, { n: page.page, warned }));
  }

  // That page, or the last one with a warning, or the last.
  #takeAgain(h) {
    const pages = this.#line?.pages ?? [];
    const worst = h ?? (pages.findLast((page) => page.warnings.length) ?? pages.at(-1))?.h;
    return worst ? this.#capture(worst) : null;
  }

  async #dropPage(h) {
    const asked = new URLSearchParams({ case: this.#case.case, id: newId() });
    try {
      this.#take(await remove(`/api/window/${this.#window}/case/page/${h}?${asked}`));
      this.#told.say(this.#words.say("scan.dropped"));
    } catch (error) {
      this.#told.said(error);
    }
  }

  #closeCamera() {
    this.#camera.close();
    at("camera").hidden = true;
  }

  // --- ends ---

  #receive() {
    if (this.#case.lacking) {
      this.#selected = firstOpen(this.#case);
      return this.#send("receive", { delivery: this.#case.deliveries[0] });
    }
    this.#sheet.open(
      receiveSheet(this.#words, this.#case, async (chosen) => {
        const [delivery, pickup = ""] = chosen.split(" ");
        const made = await this.#send("receive", { delivery, pickup });
        if (made) this.#told.say(this.#words.say("case.received", { number: made.number }));
      }),
    );
  }

  #notice() {
    if (!this.#case.lacking) {
      return this.#send("notice", {});
    }
    this.#sheet.open(
      noticeSheet(this.#words, this.#case, async () => {
        if (await this.#send("notice", {})) this.#told.say(this.#words.say("case.noticed"));
      }),
    );
  }

  async #precheck() {
    const units = await get("/api/catalogue/units");
    this.#sheet.open(
      precheckSheet(this.#words, this.#case, units, async (unit) => {
        if (await this.#send("precheck", { unit })) this.#told.say(this.#words.say("precheck.done"));
      }),
    );
  }

  #do(what, value) {
    const step = () => (this.#sheet.isOpen || this.#mode === "none" ? null : this.#now(what, value));
    this.#steps.add(() => Promise.resolve(step()).catch((error) => this.#told.said(error)));
  }

  #now(what, value) {
    const words = this.#words;
    const steps = {
      select: () => this.#select(value),
      toggle: () => this.#toggle(value),
      provided: () => this.#mark(what),
      missing: () => this.#mark(what),
      reused: () => this.#reuse(),
      decline: () => this.#declineLine(),
      earlier: () => this.#earlier(),
      use_field: () => this.#useField(value),
      decline_field: () => this.#decline(value, this.#case.fields.find((each) => each.field === value).name),
      defect: () => this.#sheet.open(defectSheet(words, this.#line, (defect) => this.#mark(what, { defect }))),
      originals: () => this.#count(what, value),
      copies: () => this.#count(what, value),
      capture: () => this.#capture(),
      again: () => this.#takeAgain(value),
      drop_page: () => this.#dropPage(value),
      receive: () => this.#receive(),
      notice: () => this.#notice(),
      precheck: () => this.#precheck(),
      refuse: () => this.#sheet.open(refuseSheet(words, this.#case, (reason, text) => this.#send(what, { reason, text }))),
      aside: () => this.#sheet.open(asideSheet(words, (why) => this.#send(what, { why }))),
      drop: () => this.#sheet.open(dropSheet(words, (why) => this.#send(what, { why }))),
      reprint: () => this.#paper("reprint", "case.reprinted"),
      came_out: () => this.#paper("came-out", "case.came_out"),
      another: () => this.#another(),
      take_up: () => this.#takeUp(this.#case.case),
    };
    return steps[what]();
  }

  #another() {
    this.#again = true;
    this.#show();
  }

  async #paper(what, told) {
    const paper = this.#case?.papers.at(-1);
    if (!paper) {
      this.#told.say(this.#words.say("case.no_paper"));
      return;
    }
    const made = await this.#send(what, { what: paper.what });
    if (made) this.#told.say(this.#words.say(told));
  }

  // --- keys ---

  // True when the key was ours. `typing`: the key goes into a field, and only the field's own keys count.
  pressed(event, typing) {
    const mode = this.#mode;
    if (mode === "none") return false;
    if (!typing && this.#steps.keep(event, mode)) return true;
    return this.#pressedNow(event, typing);
  }

  #pressedNow(event, typing) {
    const mode = this.#mode;
    if (mode === "none") return false;
    if (this.#sheet.isOpen) return this.#sheet.pressed(event);
    if (mode === "start") return this.#start.pressed(event, typing);
    if (typing) return false;
    return mode === "draft" ? this.#pressedInDraft(event) : this.#pressedWhenDone(event);
  }

  #pressedInDraft(event) {
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (step && !event.target.closest("#pages")) {
      this.#do("select", this.#selected + step);
      return true;
    }
    if (event.repeat) return digit !== undefined || event.code in DRAFT_KEYS;
    if (digit !== undefined) {
      this.#do("toggle", (Number(digit) + 9) % 10);
      return true;
    }
    if (event.code === "Escape" && this.#camera.isOpen) {
      this.#closeCamera();
      this.#show();
      return true;
    }
    const onButton = event.target.closest("button");
    if (event.code === "Space" && !onButton) {
      this.#do("toggle", this.#selected);
      return true;
    }
    if (event.code === "KeyK") {
      this.#showApplicant();
      return true;
    }
    const [what, value] = DRAFT_KEYS[event.code] ?? [];
    if (!what || (what === "receive" && onButton)) return false;
    this.#do(what, value);
    return true;
  }

  #pressedWhenDone(event) {
    const what = { KeyP: "reprint", KeyY: "came_out", KeyO: "another", KeyB: "take_up" }[event.code];
    if (!what || event.repeat) return false;
    if (what === "came_out" && this.#case.papers.at(-1)?.print !== "unknown") return false;
    if (what === "take_up" && !["aside", "noticed"].includes(this.#case.state)) return false;
    this.#do(what);
    return true;
  }
}
