// The shift leader's page: supervision (oversight.js), figures of assessment, and one business date in numbers, a plot
// and tables; today is asked again every half minute.

import { Assessment } from "/lead/assessment.js";
import { Oversight } from "/lead/oversight.js";
import { CLASSES, minutes, plotOf } from "/lead/plot.js";
import { Refused, get, remove, speak } from "/shared/hall.js";
import { nameHall } from "/shared/naming.js";
import { sendPin } from "/shared/pin.js";
import { Words, chooseLanguage, chosenLanguage } from "/shared/words.js";

const AGAIN_MS = 30000;
const LEVELS = ["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"];
const at = (id) => document.getElementById(id);
const VIEWS = ["watch", "tasks", "complaints", "day", "assess"];
const words = new Words();
const oversight = new Oversight(words, { signedOut: openSignIn, lost: followLost, show, itemName: serviceName });
const assessment = new Assessment(words, partName);
let view = "watch";
let catalogue = null;
let items = [];
let dates = [];
let chosen = "";
let day = null;
let again = 0;
let lost = false;

async function start() {
  catalogue = await get("/api/catalogue");
  oversight.know(catalogue);
  await speakIn(chosenLanguage(catalogue.language));
  at("sign-in-form").addEventListener("submit", signIn);
  at("sign-out").addEventListener("click", signOut);
  at("language").addEventListener("change", (event) => {
    chooseLanguage(event.target.value);
    speakIn(event.target.value);
  });
  at("tabs").addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-view]")?.dataset.view;
    if (wanted) show(wanted);
  });
  at("date").addEventListener("change", (event) => look(event.target.value));
  at("earlier").addEventListener("click", () => look(dates[dates.indexOf(chosen) - 1]));
  at("later").addEventListener("click", () => look(dates[dates.indexOf(chosen) + 1]));
  try {
    const session = await get("/api/session");
    if (session.role === "lead") await open();
    else openSignIn();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    openSignIn();
  }
}

async function speakIn(language) {
  await words.load(language, "clerk", "lead", "oversight");
  speak(language);
  at("language").value = language;
  document.title = words.say("lead_page.title");
  words.fill();
  nameHall(catalogue, words);
  at("tabs").setAttribute("aria-label", words.say("tabs.label"));
  oversight.draw();
  assessment.draw();
  draw();
}

function openSignIn() {
  clearTimeout(again);
  day = null;
  oversight.leave();
  at("loss").hidden = true;
  for (const id of ["tabs", "follow-views", "assess", "day"]) at(id).hidden = true;
  at("sign-out").hidden = true;
  at("sign-in").hidden = false;
  at("pin").focus();
}

async function signIn(event) {
  event.preventDefault();
  const told = { nobody: words.say("lead_page.nobody"), form: words.say("lead_page.pin_form") };
  if (await sendPin("/api/lead/session", told)) await open();
}

async function signOut() {
  await remove("/api/session");
  openSignIn();
}

async function open() {
  at("sign-in").hidden = true;
  at("sign-in-error").hidden = true;
  at("sign-out").hidden = false;
  at("tabs").hidden = false;
  show("watch");
  items = await get("/api/catalogue/items").catch(() => []);
  oversight.draw();
}

function show(wanted) {
  view = wanted;
  clearTimeout(again);
  for (const tab of at("tabs").children) {
    if (tab.dataset.view === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const follows = VIEWS.slice(0, 3);
  at("follow-views").hidden = !follows.includes(view);
  for (const each of follows) at(`view-${each}`).hidden = each !== view;
  at("assess").hidden = view !== "assess";
  at("day").hidden = view !== "day";
  at("follow-said").textContent = "";
  oversight.look();
  if (view === "day") look("");
  if (view === "assess") openAssessment();
}

async function openAssessment() {
  try {
    dates = await get("/api/lead/days");
  } catch (error) {
    if (error instanceof Refused && [401, 403].includes(error.status)) openSignIn();
    else followLost(true);
    return;
  }
  assessment.know(dates);
  await assessment.look();
}

// The line is lost for every view at once.
function followLost(gone) {
  if (view === "day") return;
  at("loss").hidden = !gone;
  at("loss").textContent = words.say("watched.lost");
}

function partName(cut, key) {
  if (cut === "window") return windowName(key);
  if (cut === "item") return serviceName(key);
  if (cut === "clerk") return key;
  return words.say({ type: "complaint", channel: "heard_by", level: "hall_level" }[cut] + `.${key}`);
}

// `wanted`: a date, "" = the newest. Days of the past do not change; the newest does.
async function look(wanted) {
  clearTimeout(again);
  try {
    dates = await get("/api/lead/days");
    chosen = dates.includes(wanted) ? wanted : (dates.at(-1) ?? "");
    const asked = chosen;
    const found = asked ? await get(`/api/lead/days/${asked}`) : null;
    if (asked !== chosen) return;
    day = found;
    lost = false;
  } catch (error) {
    if (error instanceof Refused && [401, 403].includes(error.status)) {
      openSignIn();
      return;
    }
    lost = true;
  }
  draw();
  if (view === "day" && (lost || chosen === dates.at(-1))) again = setTimeout(() => look(chosen), lost ? 3000 : AGAIN_MS);
}

function draw() {
  if (view === "day") {
    at("loss").hidden = !lost;
    at("loss").textContent = words.say("lead_page.lost");
  }
  drawPicker();
  if (!day) {
    at("state").textContent = words.say("lead_page.no_days");
    return;
  }
  const time = (moment) => moment.slice(11, 16);
  at("state").textContent = day.closed
    ? words.say("lead_page.closed", { from: time(day.opened), until: time(day.closed) })
    : words.say("lead_page.running", { from: time(day.opened) });
  at("clock").hidden = !(day.clock_jumps || day.whole.unmeasured);
  at("clock").textContent = words.say("lead_page.clock", { n: day.clock_jumps, left_out: day.whole.unmeasured });
  at("numbers").replaceChildren(...numbers().map(([label, value]) => number(label, value)));
  at("plot").replaceChildren(plotOf(day, words));
  at("hours").replaceChildren(hours());
  at("windows").replaceChildren(windows());
  at("clerks").replaceChildren(table("clerk", day.clerks, (id) => id));
  at("items").replaceChildren(table("item", day.items, serviceName));
}

function drawPicker() {
  const options = dates.toReversed().map((date) => new Option(date, date, false, date === chosen));
  at("date").replaceChildren(...options);
  const place = dates.indexOf(chosen);
  at("earlier").disabled = place <= 0;
  at("later").disabled = place < 0 || place === dates.length - 1;
}

function numbers() {
  const { tickets, whole, forecasts } = day;
  const rated = LEVELS.reduce((sum, level) => sum + (whole.ratings[level] ?? 0), 0);
  const good = (whole.ratings.very_satisfied ?? 0) + (whole.ratings.satisfied ?? 0);
  const share = (part, of) => (of ? `${Math.round((100 * part) / of)}%` : "—");
  return [
    ["issued", tickets.issued],
    ["served", tickets.served],
    ["missed", tickets.missed],
    ["cancelled", tickets.cancelled],
    [tickets.open ? "open" : "expired", tickets.open || tickets.expired],
    ["wait_half", span(whole.waits.p50, whole.waits.n)],
    ["wait_most", span(whole.waits.p90, whole.waits.n)],
    ["wait_longest", span(whole.waits.max, whole.waits.n)],
    ["service_half", span(whole.services.p50, whole.services.n)],
    ["out_of_turn", `${whole.out_of_turn} / ${whole.passed}`],
    ["good", share(good, rated)],
    ["honest", share(forecasts.within_p90, forecasts.told)],
  ];
}

function number(key, value) {
  const made = document.createElement("li");
  made.append(text("strong", String(value)), text("span", words.say(`number.${key}`)));
  made.dataset.number = key;
  return made;
}

function hours() {
  const head = ["hour", "issued", "calls", "served", ...CLASSES.flatMap((of) => [`half_${of}`, `most_${of}`])];
  const rows = Object.entries(day.hours).map(([hour, of]) => [
    `${hour}:00`,
    of.issued,
    of.calls,
    of.served,
    ...CLASSES.flatMap((klass) => spans(of.waits_of[klass])),
  ]);
  return tableOf("hours", head, rows);
}

function windows() {
  const head = ["window", "calls", "served", "missed", "wait_half", "wait_most", "service_half", "service_most"];
  head.push("open", "paused", "serving", "first_call", "last_call");
  const rows = Object.entries(day.windows).map(([id, of]) => [
    windowName(id),
    of.calls,
    of.served,
    of.missed,
    ...spans(of.waits),
    ...spans(of.services),
    whole(of.open_ms),
    whole(of.paused_ms),
    `${whole(of.serving_ms)} (${of.open_ms ? Math.round((100 * of.serving_ms) / of.open_ms) : 0}%)`,
    of.first_call.slice(11, 16) || "—",
    of.last_call.slice(11, 16) || "—",
  ]);
  return tableOf("windows", head, rows);
}

function table(kind, parts, name) {
  const head = [kind, "calls", "recalls", "served", "missed", "out_of_turn", "wait_half", "wait_most"];
  head.push("service_half", "service_most", ...LEVELS);
  const rows = Object.entries(parts).map(([id, of]) => [
    name(id),
    of.calls,
    of.recalls,
    of.served,
    of.missed,
    of.out_of_turn,
    ...spans(of.waits),
    ...spans(of.services),
    ...LEVELS.map((level) => of.ratings[level] ?? 0),
  ]);
  return tableOf(`${kind}s`, head, rows);
}

function tableOf(name, head, rows) {
  if (!rows.length) return text("p", words.say("lead_page.nothing"));
  const made = document.createElement("table");
  made.append(caption(name), document.createElement("thead"), document.createElement("tbody"));
  made.tHead.append(line(head.map((key) => heading(words.say(`column.${key}`), "col"))));
  made.tBodies[0].append(
    ...rows.map(([first, ...rest]) => line([heading(first, "row"), ...rest.map((value) => text("td", String(value)))])),
  );
  return made;
}

function caption(name) {
  const made = text("caption", words.say(`lead_page.${name}`));
  made.className = "unseen";
  return made;
}

function line(cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

function heading(content, scope) {
  const made = text("th", content);
  made.scope = scope;
  return made;
}

function spans(of) {
  return [span(of.p50, of.n), span(of.p90, of.n)];
}

function span(ms, n) {
  return n ? minutes(ms) : "—";
}

function whole(ms) {
  return Math.round(ms / 60000);
}

function windowName(id) {
  const found = catalogue.windows.find((entry) => entry.id === id);
  return found ? words.say("bar.window", { number: found.number }) : id;
}

// A service of the queue, or an item of the catalogue of cases.
function serviceName(id) {
  const found = [...catalogue.services, ...items].find((entry) => entry.id === id);
  return found ? words.own(found.name) : id;
}

function text(tag, content) {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

start();
