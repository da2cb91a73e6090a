// The citizen's screen at a window: what is entered about him, what is there and what is missing, the receipt, the rating.
// It only shows. It runs in the browser of the window's clerk, on the second screen, and lives by that session.

import { Refused, get, speak } from "/shared/hall.js";
import { LiveLine } from "/shared/live.js";
import { nameHall } from "/shared/naming.js";
import { Words, chooseLanguage, chosenLanguage } from "/shared/words.js";

const SESSION_OVER = 4401;
const AGAIN = 3000;
const MARKS = { open: "○", there: "✓", missing: "✗" };

const at = (id) => document.getElementById(id);
const words = new Words();
let catalogue = null;
let line = null;
let now = null;
let lost = false;
let again = 0;

async function start() {
  catalogue = await get("/api/catalogue");
  await speakIn(chosenLanguage(catalogue.language));
  at("language").addEventListener("change", (event) => {
    chooseLanguage(event.target.value);
    speakIn(event.target.value);
  });
  await open();
}

async function speakIn(language) {
  await words.load(language, "clerk", "screen");
  speak(language);
  at("language").value = language;
  document.title = words.say("screen.title");
  words.fill();
  nameHall(catalogue, words);
  line?.speak(language);
  draw();
}

// Waits for a clerk to sign in in this browser, and for the hall.
async function open() {
  try {
    const session = await get("/api/session");
    lost = false;
    if (session.role !== "clerk") return waitForClerk();
    line = new LiveLine([`screen:${session.window}`], words.language);
    line.addEventListener("push", (event) => taken(event.detail));
    line.addEventListener("lost", (event) => gone(event.detail));
  } catch (error) {
    lost = !(error instanceof Refused);
    waitForClerk();
  }
}

function waitForClerk() {
  line?.close();
  line = null;
  now = null;
  draw();
  clearTimeout(again);
  again = setTimeout(open, AGAIN);
}

function taken(push) {
  lost = false;
  if (push.screen) now = push.screen;
  draw();
}

// Nothing of a person stays in sight of whom the hall can no longer say that he is here.
function gone({ code }) {
  now = null;
  lost = code !== SESSION_OVER;
  draw();
  if (code === SESSION_OVER) return waitForClerk();
  return get("/api/session").catch((error) => {
    if (error instanceof Refused && error.status === 401) {
      lost = false;
      waitForClerk();
    }
  });
}

function draw() {
  at("loss").hidden = !lost;
  at("loss").textContent = lost ? words.say("screen.lost") : "";
  const serving = now?.state === "serving";
  const rating = !serving && Boolean(now?.rating);
  at("turn").hidden = !serving;
  at("rating").hidden = !rating;
  at("idle").hidden = serving || rating;
  at("window").textContent = now ? words.say("screen.window", { number: now.number }) : "";
  at("kind").textContent = words.own(now?.kind);
  drawIdle();
  at("serving").textContent = serving ? words.say("screen.serving", { ticket: now.ticket }) : "";
  drawPerson(serving ? now.person : null);
  drawCase(serving ? now.case : null);
}

function drawIdle() {
  at("idle-number").textContent = now ? words.say("screen.window", { number: now.number }) : "";
  at("idle-kind").textContent = words.own(now?.kind);
  at("idle-says").textContent = now ? says() : lost ? "" : words.say("screen.signed_out");
  at("hours").textContent = now?.hours.length ? `${words.say("screen.hours")}  ${now.hours.join("  ")}` : "";
}

function says() {
  if (now.state === "called") return words.say("screen.called", { ticket: now.ticket });
  return words.say(now.paused ? "screen.paused" : "screen.free");
}

function drawPerson(person) {
  at("person").hidden = !person;
  at("person-name").textContent = person?.name ?? "";
  at("person-number").textContent = person?.id_number ?? "";
}

function drawCase(shown) {
  at("case").hidden = at("receipt").hidden = !shown;
  at("item").textContent = words.own(shown?.item_name);
  at("materials").replaceChildren(...(shown?.materials ?? []).map(material));
  at("receipt-number").textContent = shown ? shown.number || words.say("screen.number_later") : "";
  at("receipt-due").textContent = shown ? due(shown) : "";
  at("received").hidden = !shown?.received;
}

function due(shown) {
  if (!shown.due) return words.say("screen.due_none");
  return words.say(shown.received ? "screen.due_by" : "screen.due_draft", { date: shown.due });
}

function material(entry) {
  const row = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = words.own(entry.name) + (entry.mandatory ? "" : words.say("screen.optional"));
  const state = document.createElement("span");
  state.className = `material-${entry.state}`;
  state.textContent = `${MARKS[entry.state]} ${words.say(entry.why ? `why.${entry.why}` : `material.${entry.state}`)}`;
  row.append(name, state);
  return row;
}

start();
