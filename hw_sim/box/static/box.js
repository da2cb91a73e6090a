// The page: builds the hall from its plan, then hands every message to the part that shows it.

import { Camera } from "./camera.js";
import { el } from "./dom.js";
import { DeviceBar } from "./device.js";
import { Kiosk, LiveScreen } from "./kiosk.js";
import { closeMenu } from "./menu.js";
import { follow } from "./news.js";
import { Thing } from "./thing.js";
import { Log, Programs, speakerPart, Top } from "./wall.js";
import { ServiceWindow } from "./window.js";
import { both, loadWords, say, setLanguage } from "./words.js";

const known = new Map();
const parts = new Map();
let top = null;
let online = false;

const place = (id) => document.getElementById(id);
const register = (subject, show) => parts.set(subject, show);
const subjectOf = (message) => (["plan", "log", "line", "health"].includes(message.is) ? message.is : `${message.is}:${message.id ?? message.name}`);

function heard(message) {
  const subject = subjectOf(message);
  const before = known.get(subject);
  known.set(subject, message);
  if (subject === "plan") {
    if (JSON.stringify(before) !== JSON.stringify(message)) build();
    return;
  }
  if (!parts.has(subject) && message.is === "device") addOther(message);
  parts.get(subject)?.(message);
}

function build() {
  const plan = known.get("plan");
  parts.clear();
  top = new Top(relabel);
  top.site.textContent = plan.site;
  place("top").replaceChildren(...top.elements);
  top.connected(online);
  register("line", (line) => top.showLine(line));
  register("health", (health) => top.showHealth(health));
  const kiosks = plan.kiosks.map((kiosk, n) => new Kiosk(kiosk, plan.cards, n === 0 && plan.screens.includes("kiosk") ? "kiosk" : null, register));
  place("kiosks").replaceChildren(...kiosks.map((kiosk) => kiosk.element));
  place("kiosks").hidden = !kiosks.length;
  const windows = plan.windows.map((window) => new ServiceWindow(window, register));
  const cameras = plan.cameras.map((id) => new Camera(id, register));
  place("windows").replaceChildren(...[...windows, ...cameras].map((part) => part.element));
  place("lines").replaceChildren(...plan.lines.map((id) => lineBar(id)));
  place("boards").replaceChildren(...plan.screens.filter((name) => name !== "kiosk").map((name) => board(name)));
  place("boards").hidden = plan.screens.every((name) => name === "kiosk");
  place("sound").replaceChildren(...plan.speakers.map((id) => speakerPart(id, register)));
  const [programs, log] = [new Programs(), new Log()];
  place("machine").replaceChildren(programs.element);
  place("machine").hidden = !plan.programs.length;
  place("back").classList.toggle("few", !plan.programs.length);
  place("sound").hidden = !plan.speakers.length;
  for (const name of plan.programs) register(`program:${name}`, (program) => programs.update(program));
  register("log", (events) => log.update(events));
  place("log").replaceChildren(log.element);
  document.title = `${say("title")} · ${plan.site}`;
  for (const [subject, message] of known) if (subject !== "plan") heard(message);
  document.body.dataset.built = "yes";
}

function board(name) {
  const live = new LiveScreen(name);
  register(`screen:${name}`, (message) => live.update(message));
  return el("div", { class: "thing wallboard" }, el("h2", {}, both(`screen_${name}`)), live.element);
}

function lineBar(id) {
  const [bar, counts] = [new DeviceBar(id), el("span", { class: "counts" })];
  register(`device:${id}`, (view) => {
    bar.update(view);
    counts.textContent = say("line_counts", { collisions: view.collisions, bad: view.bad_frames, lost: view.lost_frames });
  });
  bar.element.insertBefore(counts, bar.chips);
  return el("div", { class: "thing bus" }, el("span", { class: "bus-name" }, both("bus")), bar.element);
}

function addOther(view) {
  place("windows").append(new Thing(view, register).element);
}

function relabel(language) {
  setLanguage(language);
  closeMenu();
  build();
}

await loadWords();
follow(heard, (there) => {
  online = there;
  top?.connected(there);
});
