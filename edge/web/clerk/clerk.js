// The clerk's page: signing in, pressing, and what comes live from the hall.

import { NoAnswer, Refused, get, newId, post, remove, speak } from "/shared/hall.js";
import { LiveLine } from "/shared/live.js";
import { nameHall } from "/shared/naming.js";
import { Words, chooseLanguage, chosenLanguage } from "/shared/words.js";
import { CasePanel } from "/clerk/case.js";
import { Desk, make, setText } from "/clerk/desk.js";
import { Flow } from "/clerk/flow.js";
import { Turns } from "/clerk/turns.js";

const SESSION_OVER = 4401;
const PERSON_SHOWN = 15000;
const WINDOW_KEY = "hall-window";

const at = (id) => document.getElementById(id);
const words = new Words();
const desk = new Desk(words);
const panel = new CasePanel(words, { say, said, working: () => say(words.say("act.working")) });
const turns = new Turns(words, { say, said, send: turn });
const flow = new Flow(words, { said, shown: () => draw() });

let catalogue = null;
let session = null;
let line = null;
let snapshot = null;
let lostSince = 0;
let acting = "";
let following = null; // another step pressed before the answer to the first; the same one again is a double click
let personTimer = 0;

async function start() {
  catalogue = await patiently(() => get("/api/catalogue"));
  desk.know(catalogue);
  turns.know(catalogue);
  await speakIn(chosenLanguage(catalogue.language));
  listen();
  setInterval(tick, 1000);
  await enter("");
}

async function patiently(ask) {
  for (let wait = 500; ; wait = Math.min(4000, wait * 1.5)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

async function speakIn(language) {
  await patiently(() => words.load(language, "ticket", "clerk", "flow").catch(() => Promise.reject(new NoAnswer())));
  speak(language);
  at("language").value = language;
  document.title = words.say("page.title");
  words.fill();
  nameHall(catalogue, words);
  drawWindows();
  if (session) drawPlace();
  line?.speak(language);
  flow.spoken();
  draw();
}

// --- signing in ---

async function enter(why) {
  try {
    session = await patiently(() => get("/api/session"));
    openDesk();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    openSignIn(why);
  }
}

function openSignIn(why) {
  session = null;
  snapshot = null;
  following = null;
  leaveLine();
  hidePerson();
  panel.leave();
  turns.leave();
  flow.leave();
  say("");
  at("desk").hidden = true;
  at("place").hidden = true;
  at("sign-out").hidden = at("second-screen").hidden = true;
  at("sign-in").hidden = false;
  at("sign-in-notice").hidden = !why;
  setText(at("sign-in-notice"), why ? words.say(why) : "");
  at("sign-in-error").hidden = true;
  at("pin").value = "";
  (document.querySelector("#windows input:checked") ? at("pin") : document.querySelector("#windows input"))?.focus();
}

function drawWindows() {
  const chosen = document.querySelector("#windows input:checked")?.value ?? localStorage.getItem(WINDOW_KEY);
  const tiles = catalogue.windows.map((window) => {
    const tile = make("label", "tile");
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "window", value: window.id, checked: window.id === chosen });
    const kind = window.kind[words.language] ?? window.kind["zh-Hans"];
    const name = words.say("sign_in.window_name", { number: window.number });
    tile.append(radio, make("strong", "", name), make("span", "", kind));
    return tile;
  });
  at("windows").replaceChildren(...tiles);
}

async function signIn(event) {
  event.preventDefault();
  const window = document.querySelector("#windows input:checked")?.value;
  const pin = at("pin").value;
  if (!window || pin.length < 4) {
    signInError(words.say("sign_in.pin_form"));
    return;
  }
  const button = at("sign-in-button");
  button.disabled = true;
  setText(button, words.say("sign_in.checking"));
  try {
    session = await post("/api/session", { window, pin });
    localStorage.setItem(WINDOW_KEY, window);
    openDesk();
  } catch (error) {
    signInError(error instanceof Refused ? error.text || words.say("sign_in.pin_form") : words.say("act.unconfirmed"));
  } finally {
    at("pin").value = "";
    button.disabled = false;
    setText(button, words.say("sign_in.button"));
  }
}

function signInError(text) {
  at("sign-in-error").hidden = false;
  setText(at("sign-in-error"), text);
  at("pin").focus();
}

async function signOut() {
  try {
    await remove("/api/session");
    openSignIn("");
  } catch (error) {
    said(error);
  }
}

// --- the desk ---

function openDesk() {
  if (!session.window) {
    location.assign(session.role === "guide" ? "/guide/" : "/technician/");
    return;
  }
  at("sign-in").hidden = true;
  at("place").hidden = false;
  at("sign-out").hidden = at("second-screen").hidden = false;
  drawPlace();
  leaveLine();
  panel.enter(session.window);
  flow.enter(session.window);
  line = new LiveLine([`window:${session.window}`, "hall"], words.language);
  line.addEventListener("push", (event) => taken(event.detail));
  line.addEventListener("lost", (event) => lost(event.detail));
}

function leaveLine() {
  line?.close();
  line = null;
  lostSince = 0;
  drawLoss();
}

function drawPlace() {
  const number = catalogue.windows.find((window) => window.id === session.window)?.number ?? session.window;
  setText(at("place-window"), words.say("bar.window", { number }));
  setText(at("place-clerk"), words.say("bar.clerk", { name: session.name }));
}

function taken(push) {
  if (lostSince) {
    lostSince = 0;
    drawLoss();
    say(words.say("loss.back"));
  }
  if (push.window) {
    const before = snapshot?.window;
    snapshot = { ...snapshot, window: push.window };
    if (before?.current?.ticket !== push.window.current?.ticket) hidePerson();
  }
  if (push.hall) snapshot = { ...snapshot, hall: push.hall };
  draw();
}

function draw() {
  if (!session || !snapshot?.window) return;
  const called = snapshot.hall?.calls.find((call) => call.number === snapshot.window.current?.number);
  desk.draw({ ...snapshot.window, calls: called?.calls ?? 1 });
  panel.draw(snapshot.window);
  turns.draw(snapshot.window, snapshot.hall);
  if (snapshot.hall && !snapshot.hall.open) setText(at("now-hint"), words.say("now.day_closed"));
  at("desk").hidden = flow.isOpen;
  flow.changed(snapshot.window.seq);
}

async function lost({ code, since }) {
  if (code === SESSION_OVER) {
    openSignIn("sign_in.ended");
    return;
  }
  lostSince ||= since;
  drawLoss();
  try {
    await get("/api/session");
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && session) openSignIn("sign_in.again");
  }
}

function drawLoss() {
  at("loss").hidden = !lostSince;
  for (const view of ["desk", "flow"]) at(view).classList.toggle("stale", Boolean(lostSince));
  if (lostSince) {
    const age = words.age((Date.now() - lostSince) / 1000, { exact: true });
    setText(at("loss"), words.say("loss.banner", { age }));
  }
}

function tick() {
  if (lostSince) drawLoss();
  else draw();
}

// --- pressing ---

// One step of a turn, said when it is done; the answer names the ticket. A step pressed before the answer waits for it.
async function turn(verb, body = {}, told = verb) {
  if (!session) return;
  const step = `${verb} ${JSON.stringify(body)}`;
  if (acting) {
    if (step !== acting) following = [verb, body, told];
    return;
  }
  acting = step;
  const button = document.querySelector(`[data-verb="${verb}"]`);
  button?.setAttribute("aria-busy", "true");
  say(words.say("act.working"));
  try {
    const outcome = await post(`/api/window/${session.window}/${verb}`, { id: newId(), ...body });
    say(words.say(`done.${told}`, { number: outcome.ticket?.number ?? "" }));
  } catch (error) {
    following = null;
    said(error);
  } finally {
    acting = "";
    button?.removeAttribute("aria-busy");
    const next = following;
    following = null;
    if (next) turn(...next);
  }
}

function act(verb) {
  if (!at("desk").hidden) turn(verb);
}

const PAPER_DONE = { reprint: "now.reprinted", "came-out": "now.came_out_done" };

async function paper(ticket, what) {
  if (!ticket) return;
  try {
    await post(`/api/ticket/${ticket}/${what}`, { id: newId() });
    say(words.say(PAPER_DONE[what]));
  } catch (error) {
    said(error);
  }
}

async function showPerson() {
  try {
    const person = await get(`/api/window/${session.window}/holder`);
    setText(at("person"), `${person.name}  ${person.id_number}`);
    at("person").hidden = false;
    clearTimeout(personTimer);
    personTimer = setTimeout(hidePerson, PERSON_SHOWN);
  } catch (error) {
    said(error);
  }
}

function hidePerson() {
  clearTimeout(personTimer);
  at("person").hidden = true;
  setText(at("person"), "");
}

function say(text) {
  setText(at("refused"), "");
  setText(at("done"), text);
}

function said(error) {
  setText(at(flow.isOpen ? "flow-done" : "done"), "");
  if (error instanceof Refused && error.status === 401) {
    openSignIn("sign_in.ended");
  } else {
    setText(at(flow.isOpen ? "flow-refused" : "refused"), error instanceof Refused && error.text ? error.text : words.say("act.unconfirmed"));
  }
}

// The place of a key counts, not its letter: an input method may be on.
function pressed(event) {
  const typing = event.target.closest("input, select, textarea");
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (flow.isOpen ? flow.pressed(event) : !at("desk").hidden && !typing && flow.opens(event)) {
    event.preventDefault();
    return;
  }
  if (flow.isOpen) return;
  if (!at("desk").hidden && turns.pressed(event)) {
    event.preventDefault();
    return;
  }
  if (turns.isOpen) return;
  if (!at("desk").hidden && panel.pressed(event, Boolean(typing))) {
    event.preventDefault();
    return;
  }
  if (typing || event.repeat) return;
  const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1];
  if (!digit || at("desk").hidden) return;
  event.preventDefault();
  act(at("acts").children[Number(digit) - 1].dataset.verb);
}

function listen() {
  at("sign-in-form").addEventListener("submit", signIn);
  at("sign-out").addEventListener("click", signOut);
  at("holder").addEventListener("click", showPerson);
  for (const what of Object.keys(PAPER_DONE)) {
    at(what).addEventListener("click", () => paper(snapshot?.window.current?.ticket, what));
  }
  at("queue").addEventListener("click", (event) => {
    const key = event.target.closest("[data-paper]");
    if (key) paper(key.dataset.ticket, key.dataset.paper);
  });
  at("acts").addEventListener("click", (event) => {
    const button = event.target.closest("[data-verb]");
    if (button) act(button.dataset.verb);
  });
  at("language").addEventListener("change", (event) => {
    chooseLanguage(event.target.value);
    say("");
    speakIn(event.target.value);
  });
  document.addEventListener("keydown", pressed);
}

start();
