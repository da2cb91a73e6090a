// The technician's page: every device, where it is plugged in, its state, and what to do about it.
// A key, rating, code or card lights up its device for a moment; a button lets a device show itself.

import { Refused, get, post, remove, speak } from "/shared/hall.js";
import { deviceName } from "/shared/kinds.js";
import { linkWord } from "/shared/link.js";
import { LiveLine } from "/shared/live.js";
import { nameHall } from "/shared/naming.js";
import { sendPin } from "/shared/pin.js";
import { Words, chooseLanguage, chosenLanguage } from "/shared/words.js";

const CHIPS = {
  ready: "chip-green",
  busy: "chip-green",
  starting: "chip-blue",
  warning: "chip-amber",
  disabled: "",
};
const WORST_FIRST = ["fault", "absent", "warning", "starting", "busy", "ready", "disabled"];

const LIT_MS = 3000;

const at = (id) => document.getElementById(id);
const words = new Words();
let catalogue = null;
let line = null;
let shown = {};
let lostSince = 0;
const lit = new Map(); // device id -> until when
const told = new Map(); // device id -> what its button brought

async function start() {
  catalogue = await get("/api/catalogue");
  await speakIn(chosenLanguage(catalogue.language));
  at("sign-in-form").addEventListener("submit", signIn);
  at("sign-out").addEventListener("click", signOut);
  at("language").addEventListener("change", (event) => {
    chooseLanguage(event.target.value);
    speakIn(event.target.value);
  });
  setInterval(drawLoss, 1000);
  try {
    const session = await get("/api/session");
    if (session.role !== "technician") openSignIn();
    else openList();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    openSignIn();
  }
}

async function speakIn(language) {
  await words.load(language, "clerk", "technician");
  speak(language);
  at("language").value = language;
  document.title = words.say("devices_page.title");
  words.fill();
  nameHall(catalogue, words);
  line?.speak(language);
  draw();
  if (line) drawTheme();
}

function openSignIn() {
  line?.close();
  line = null;
  lostSince = 0;
  drawLoss();
  at("list").hidden = true;
  at("sign-out").hidden = true;
  at("sign-in").hidden = false;
  at("pin").focus();
}

async function signIn(event) {
  event.preventDefault();
  const told = { nobody: words.say("devices_page.nobody"), form: words.say("devices_page.pin_form") };
  if (await sendPin("/api/technician/session", told)) openList();
}

async function signOut() {
  await remove("/api/session");
  openSignIn();
}

function openList() {
  at("sign-in").hidden = true;
  at("sign-in-error").hidden = true;
  at("sign-out").hidden = false;
  drawTheme();
  line = new LiveLine(["devices", "link"], words.language);
  line.addEventListener("push", (event) => {
    lostSince = 0;
    drawLoss();
    lightUp(shown.devices, event.detail.devices);
    shown = { ...shown, ...event.detail };
    draw();
  });
  line.addEventListener("lost", async (event) => {
    lostSince ||= event.detail.since;
    drawLoss();
    try {
      await get("/api/session");
    } catch (error) {
      if (error instanceof Refused && error.status === 401) openSignIn();
    }
  });
}

function draw() {
  if (!shown.devices) return;
  const devices = [...shown.devices].sort(
    (a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.id.localeCompare(b.id),
  );
  const faults = devices.filter((device) => ["fault", "absent", "warning"].includes(device.state)).length;
  at("count").textContent = words.say(faults ? "devices_page.some_faulty" : "devices_page.all_well", { n: faults });
  const focused = document.activeElement?.id;
  at("devices").replaceChildren(...devices.map(row));
  if (focused?.startsWith("identify-")) at(focused)?.focus();
  document.querySelector("tr.lit")?.scrollIntoView({ block: "nearest" });
  drawLink();
  at("list").hidden = false;
}

// A theme pack with mistakes is not worn: citizens see the own look, he sees why.
async function drawTheme() {
  const { wanted, worn, mistakes } = await get("/api/technician/theme");
  at("theme").hidden = !wanted || worn;
  at("theme-says").textContent = words.say("theme.not_worn", { name: wanted });
  at("theme-mistakes").replaceChildren(...mistakes.map((mistake) => text("li", mistake)));
}

function lightUp(before, now) {
  const signs = new Map((before ?? []).map((device) => [device.id, device.signs]));
  for (const device of now ?? []) {
    if (!(device.signs > (signs.get(device.id) ?? Infinity))) continue;
    lit.set(device.id, Date.now() + LIT_MS);
    setTimeout(draw, LIT_MS + 50);
  }
}

async function identify(id) {
  told.set(id, words.say("devices_page.identifying"));
  draw();
  try {
    await post(`/api/technician/devices/${id}/identify`, {}, { patience: 15000 });
    told.set(id, words.say("devices_page.identified"));
  } catch (error) {
    told.set(id, error.text || words.say("devices_page.not_identified"));
  }
  draw();
}

function button(device) {
  const made = text("button", words.say("devices_page.identify"));
  made.type = "button";
  made.className = "button";
  made.id = `identify-${device.id}`;
  made.disabled = !["ready", "busy", "warning"].includes(device.state);
  made.setAttribute("aria-label", `${words.say("devices_page.identify")} ${device.id}`);
  made.addEventListener("click", () => identify(device.id));
  const outcome = text("small", told.get(device.id) ?? "");
  outcome.setAttribute("role", "status");
  return [made, outcome];
}

function row(device) {
  const line = document.createElement("tr");
  line.id = `device-${device.id}`;
  if ((lit.get(device.id) ?? 0) > Date.now()) line.className = "lit";
  line.append(
    cell(chip(device.state), ...(line.className ? [text("small", words.say("devices_page.sign"))] : [])),
    cell(text("strong", deviceName(words, device.kind)), text("small", `${device.id} · ${device.kind}`)),
    cell(text("span", place(device.place)), text("small", device.where)),
    cell(text("span", device.text || "—"), text("small", [device.code, device.detail].filter(Boolean).join(" · "))),
    cell(...button(device)),
  );
  return line;
}

function place(id) {
  const window = catalogue.windows.find((entry) => entry.id === id);
  if (window) return words.say("bar.window", { number: window.number });
  return id ? words.say("devices_page.kiosk", { id }) : words.say("devices_page.whole_hall");
}

function chip(state) {
  const made = text("span", words.say(`device_state.${state}`));
  made.className = `chip ${CHIPS[state] ?? "chip-red"}`;
  return made;
}

function cell(...content) {
  const made = document.createElement("td");
  made.append(...content);
  return made;
}

function text(tag, content) {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

function drawLink() {
  const link = shown.link ?? { online: false, pending: 0, oldest: 0 };
  const { pending, oldest, twin, gap, why } = link;
  at("link-warning").textContent = twin ? words.say("link.twin") : gap ? words.say("link.gap") : "";
  at("link").textContent = words.say(linkWord(link), { n: pending, age: words.age(oldest) });
  at("link-dot").className = `dot ${link.online && !why ? "dot-green" : "dot-amber"}`;
  const known = words.has(`link_why.${why}`) ? `link_why.${why}` : "link_why.other";
  at("link-why").textContent = why ? words.say(known, { why }) : "";
  at("link-numbers").replaceChildren(...linkNumbers(link).flatMap(([name, value]) => number(name, value)));
}

function linkNumbers({ pending, oldest, acked, durable, held, bad, files, credit, rtt_ms: rtt, certificate }) {
  const none = words.say("link_numbers.none");
  const newest = bad?.[0] ? `${bad[0].seq} ${bad[0].reason} (${bad[0].epoch})` : none;
  return [
    ["pending", pending],
    ["oldest", words.say("link_numbers.seconds", { n: Math.round(oldest) })],
    ["acked", acked],
    ["durable", durable],
    ["held", held],
    ["bad", newest],
    ["files", files],
    ["credit", credit],
    ["rtt", rtt == null ? none : words.say("link_numbers.ms", { n: rtt })],
    ["certificate", certificate ? certificate.slice(0, 10) : none],
  ];
}

function number(name, value) {
  const given = text("dd", String(value ?? 0));
  given.id = `link-${name}`;
  return [text("dt", words.say(`link_numbers.${name}`)), given];
}

function drawLoss() {
  at("loss").hidden = !lostSince;
  at("list").classList.toggle("stale", Boolean(lostSince));
  if (!lostSince) return;
  const age = words.age((Date.now() - lostSince) / 1000, { exact: true });
  at("loss").textContent = words.say("devices_page.lost", { age });
}

start();
