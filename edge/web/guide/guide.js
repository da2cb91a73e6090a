// The guide's page: numbers for those who cannot take one themselves, appointments, and what becomes of numbers.

import { Sheet } from "/clerk/sheets.js";
import { NoAnswer, Refused, get, hallNow, newId, post, remove, speak } from "/shared/hall.js";
import { LiveLine } from "/shared/live.js";
import { GROUNDS, clock, marks } from "/shared/marks.js";
import { nameHall } from "/shared/naming.js";
import { sendPin } from "/shared/pin.js";
import { Words, chooseLanguage, chosenLanguage } from "/shared/words.js";

const SESSION_OVER = 4401;
const MOST_ITEMS = 3;
const SHOWN = 60;
const ITEMS_SHOWN = 4;
const CHIPS = { called: "chip-amber", serving: "chip-green", missed: "chip-red" };

const at = (id) => document.getElementById(id);
const words = new Words();
const sheet = new Sheet(words, at("sheet"));
let catalogue = null;
let line = null;
let now = null;
let hall = null;
let lostSince = 0;
let busy = false;
let items = []; // services chosen, the first one gives the number
let ground = "";

async function start() {
  catalogue = await get("/api/catalogue");
  await speakIn(chosenLanguage(catalogue.language));
  listen();
  setInterval(tick, 1000);
  try {
    const session = await get("/api/session");
    if (session.role === "guide") open(session);
    else openSignIn();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    openSignIn();
  }
}

async function speakIn(language) {
  await words.load(language, "ticket", "clerk", "guide");
  speak(language);
  at("language").value = language;
  document.title = words.say("guide.title");
  words.fill();
  nameHall(catalogue, words);
  line?.speak(language);
  draw();
}

function openSignIn() {
  line?.close();
  line = null;
  now = hall = null;
  lostSince = 0;
  sheet.close();
  clear();
  say("");
  at("guide").hidden = at("place").hidden = at("sign-out").hidden = true;
  at("sign-in").hidden = false;
  at("pin").focus();
}

function open(session) {
  at("sign-in").hidden = true;
  at("guide").hidden = at("place").hidden = at("sign-out").hidden = false;
  at("place-name").textContent = words.say("guide.who", { name: session.name });
  line = new LiveLine(["guide", "hall"], words.language);
  line.addEventListener("push", (event) => taken(event.detail));
  line.addEventListener("lost", (event) => lost(event.detail));
  draw();
}

async function signIn(event) {
  event.preventDefault();
  const told = { nobody: words.say("guide.none_named"), form: words.say("sign_in.pin_form") };
  const session = await sendPin("/api/guide/session", told);
  if (session) open(session);
  else at("pin").focus();
}

function taken(push) {
  lostSince = 0;
  if (push.guide) now = push.guide;
  if (push.hall) hall = push.hall;
  drawLoss();
  draw();
}

function lost({ code, since }) {
  if (code === SESSION_OVER) return openSignIn();
  lostSince ||= since;
  drawLoss();
  return get("/api/session").catch((error) => {
    if (error instanceof Refused && error.status === 401) openSignIn();
  });
}

function tick() {
  drawLoss();
  drawNumbers();
}

function drawLoss() {
  at("loss").hidden = !lostSince;
  if (lostSince) at("loss").textContent = words.say("guide.lost", { age: words.age((Date.now() - lostSince) / 1000, { exact: true }) });
}

// --- guides of items ---

let asked = 0; // only the newest search counts: an older answer may come later

async function findItems() {
  const mine = ++asked;
  const text = at("item-find").value.trim();
  try {
    const found = text ? (await get(`/api/guide/items?text=${encodeURIComponent(text)}`)).items : [];
    if (mine === asked) drawItems(found.slice(0, ITEMS_SHOWN), text);
  } catch (error) {
    said(error);
  }
}

function drawItems(found, text) {
  const lines = found.map((item) => {
    const row = make("li", "items-line");
    const button = make("button", "key", words.say("guide.items_print"));
    button.type = "button";
    button.dataset.print = item.id;
    button.setAttribute("aria-label", `${words.say("guide.items_print")} ${words.own(item.name)}`);
    row.append(make("strong", "", words.own(item.name)), button);
    return row;
  });
  if (text && !lines.length) lines.push(make("li", "hint", words.say("guide.items_none")));
  at("items").replaceChildren(...lines);
}

function printItem(uid) {
  return send(`/api/guide/items/${uid}/print`, { language: words.language }, ({ paper }) =>
    says(words.say(paper === "done" ? "guide.items_printed" : "guide.items_no_paper"), paper !== "done"));
}

// --- drawing ---

function draw() {
  if (at("guide").hidden) return;
  drawOffers();
  drawNumbers();
  at("ground-text").textContent = ground ? words.say("guide.ground_is", { ground: words.say(`ground.${ground}`) }) : words.say("guide.ground");
  at("ground").setAttribute("aria-pressed", String(Boolean(ground)));
  at("take").classList.toggle("key-off", !items.length);
  at("booked").textContent = now ? words.say("guide.booked", { n: now.booked }) : "";
}

function drawOffers() {
  const waiting = new Map((hall?.queues ?? []).map((queue) => [queue.service, queue.waiting]));
  const offers = catalogue.services.map((service, place) => {
    const offer = make("button", "offer");
    const order = items.indexOf(service.id);
    const why = hall?.stopped[service.id];
    offer.type = "button";
    offer.dataset.service = service.id;
    offer.setAttribute("aria-pressed", String(order >= 0));
    offer.classList.toggle("offer-stopped", Boolean(why));
    const count = words.say("guide.waiting", { n: waiting.get(service.id) ?? 0 });
    const says = why ? words.say(`guide.stopped_${why}`) : order > 0 ? `${count} · ${words.say("guide.also")}` : count;
    offer.append(make("kbd", "", place < 9 ? String(place + 1) : "·"), make("span", "", words.own(service.name)), make("small", "", says));
    return offer;
  });
  const focused = document.activeElement?.dataset?.service;
  at("offers").replaceChildren(...offers);
  if (focused) at("offers").querySelector(`[data-service="${focused}"]`)?.focus();
}

function drawNumbers() {
  if (!now || at("numbers").contains(document.activeElement)) return;
  const wanted = at("filter").value.trim().toUpperCase();
  const found = now.tickets.filter((ticket) => !wanted || ticket.number.includes(wanted));
  at("count").textContent = words.say("guide.count", { n: now.tickets.length });
  const lines = found.slice(0, SHOWN).map(number);
  if (!lines.length) lines.push(make("li", "", words.say("guide.empty")));
  at("numbers").replaceChildren(...lines);
}

function number(ticket) {
  const entry = make("li");
  const facts = make("span", "facts");
  const service = catalogue.services.find((one) => one.id === ticket.service);
  const state = words.say(`guide.state_${ticket.state}`, { window: ticket.window });
  facts.append(make("span", "", words.own(service?.name) || ticket.service), make("span", `chip ${CHIPS[ticket.state] ?? ""}`, state));
  for (const [text, look] of marks(words, ticket)) facts.append(make("span", `chip ${look}`, text));
  const age = words.age((hallNow() - Date.parse(ticket.since)) / 1000);
  facts.append(make("span", "hint", words.say("guide.since", { age })));
  if (["failed", "unknown"].includes(ticket.print)) facts.append(make("span", "chip chip-amber", words.say("guide.no_paper")));
  const acts = make("span", "acts");
  if (ticket.revivable) acts.append(button("revive", ticket));
  if (ticket.state === "waiting" && ticket.klass !== "appointment") acts.append(button("green", ticket));
  if (["waiting", "missed"].includes(ticket.state)) acts.append(button("cancel", ticket));
  entry.append(make("strong", "", ticket.number), facts, acts);
  return entry;
}

function button(act, ticket) {
  const made = make("button", "key", words.say(`guide.${act}`));
  made.type = "button";
  made.dataset.act = act;
  made.dataset.ticket = ticket.ticket;
  made.setAttribute("aria-label", `${words.say(`guide.${act}`)} ${ticket.number}`);
  return made;
}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

// --- acts ---

function choose(service) {
  if (hall?.stopped[service]) return says(words.say("guide.stopped_next"), true);
  if (items.includes(service)) items = items.filter((one) => one !== service);
  else if (items.length < MOST_ITEMS) items = [...items, service];
  else says(words.say("guide.most_items"), true);
  return draw();
}

function clear() {
  items = [];
  ground = "";
}

async function send(path, body, told) {
  if (busy) return;
  busy = true;
  say(words.say("act.working"));
  try {
    told(await post(path, { id: newId(), ...body }));
  } catch (error) {
    said(error);
  } finally {
    busy = false;
    draw();
  }
}

function take() {
  if (!items.length) return says(words.say("guide.choose_first"), true);
  const [service, ...more] = items;
  return send("/api/guide/ticket", { service, more, declared: ground }, (ticket) => {
    clear();
    say(words.say("guide.taken", { number: ticket.number, n: ticket.ahead }));
  });
}

function checkIn(late = false) {
  const text = at("found").value.trim();
  if (!text) return says(words.say("guide.find_first"), true);
  const how = /^[0-9]{4}$/.test(text) ? { phone: text } : { code: text };
  return send("/api/guide/check-in", { ...how, accept_late: late }, (found) => {
    at("found").value = "";
    say(words.say(`guide.came_${found.punctuality}`, { number: found.ticket.number, time: clock(found.slot) }));
  });
}

function askLate(text) {
  sheet.open({
    title: words.say("guide.late"),
    parts: [make("p", "", text)],
    choices: [["yes", words.say("guide.late_yes")]],
    now: true,
    run: () => checkIn(true),
  });
}

function askGround(run, withNone) {
  const choices = GROUNDS.map((one) => [one, words.say(`ground.${one}`)]);
  if (withNone) choices.push(["", words.say("guide.ground_none")]);
  sheet.open({ title: words.say("guide.ground_which"), parts: [make("p", "hint", words.say("guide.ground_hint"))], choices, now: true, run });
}

function actOn(act, uid) {
  const ticket = now.tickets.find((one) => one.ticket === uid);
  if (!ticket) return;
  const told = (key) => (done) => say(words.say(`guide.${key}`, { number: done.number }));
  if (act === "revive") send("/api/guide/revive", { ticket: uid }, told("revived"));
  if (act === "cancel") {
    const choices = [["yes", words.say("guide.cancel_yes")]];
    const title = words.say("guide.cancel_sure", { number: ticket.number });
    sheet.open({ title, choices, now: true, run: () => send("/api/guide/cancel", { ticket: uid }, told("cancelled")) });
  }
  if (act === "green") settle(ticket, told);
}

// What was declared is looked at; what was not may be granted.
function settle(ticket, told) {
  const settled = (one, holds) => send("/api/guide/green", { ticket: ticket.ticket, ground: one, holds }, told(holds ? "green_yes" : "green_no"));
  if (!ticket.declared) return askGround((one) => settled(one, true), false);
  return sheet.open({
    title: words.say("turn.green_title", { number: ticket.number }),
    parts: [make("p", "sheet-due", words.say("turn.green_declared", { ground: words.say(`ground.${ticket.declared}`) }))],
    choices: [["yes", words.say("turn.green_yes")], ["no", words.say("turn.green_no")]],
    now: true,
    run: (answer) => settled(ticket.declared, answer === "yes"),
  });
}

function say(text) {
  says(text, false);
}

function says(text, no) {
  at("done").textContent = no ? "" : text;
  at("refused").textContent = no ? text : "";
}

function said(error) {
  if (error instanceof Refused && error.status === 401) return openSignIn();
  const text = error instanceof Refused && error.text ? error.text : words.say("act.unconfirmed");
  says(error instanceof NoAnswer ? words.say("act.unconfirmed") : text, true);
  if (error.code === "booking_late") askLate(text);
  return null;
}

function pressed(event) {
  if (at("guide").hidden || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (sheet.isOpen) {
    if (sheet.pressed(event)) event.preventDefault();
    return;
  }
  const typing = event.target.closest("input, select");
  if (typing && event.code === "Escape") typing.blur();
  if (typing || event.repeat) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const onButton = event.target.closest("button");
  const acts = {
    KeyG: () => askGround(grounded, true),
    KeyB: () => at("found").focus(),
    KeyI: () => at("item-find").focus(),
    Slash: () => at("filter").focus(),
    Enter: onButton ? null : take,
    NumpadEnter: onButton ? null : take,
  };
  const act = digit ? () => catalogue.services[digit - 1] && choose(catalogue.services[digit - 1].id) : acts[event.code];
  if (!act) return;
  event.preventDefault();
  act();
}

function grounded(one) {
  ground = one;
  draw();
}

function listen() {
  at("sign-in-form").addEventListener("submit", signIn);
  at("sign-out").addEventListener("click", () => remove("/api/session").then(openSignIn, said));
  at("offers").addEventListener("click", (event) => {
    const offer = event.target.closest("[data-service]");
    if (offer) choose(offer.dataset.service);
  });
  at("ground").addEventListener("click", () => askGround(grounded, true));
  at("take").addEventListener("click", take);
  at("find").addEventListener("submit", (event) => {
    event.preventDefault();
    checkIn();
  });
  at("filter").addEventListener("input", drawNumbers);
  at("item-find").addEventListener("input", findItems);
  at("items").addEventListener("click", (event) => {
    const item = event.target.closest("[data-print]");
    if (item) printItem(item.dataset.print);
  });
  at("numbers").addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (!act) return;
    act.blur();
    actOn(act.dataset.act, act.dataset.ticket);
  });
  at("language").addEventListener("change", (event) => {
    chooseLanguage(event.target.value);
    say("");
    speakIn(event.target.value);
  });
  document.addEventListener("keydown", pressed);
}

start();
