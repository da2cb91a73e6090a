// The menu of troubles of one device, and what else a hand can do to it.

import { act, el, post } from "./dom.js";
import { hands } from "./hands.js";
import { both, say } from "./words.js";

// Amounts that mean something: [unit, usual value].
const AMOUNTS = {
  hang: ["s", 3],
  slow: ["s", 0.05],
  noise: ["%", 5],
  nak: ["#", 0],
};

const SPECIAL = {
  escpos: [
    ["paper", { state: "ok" }, "do_paper_ok"],
    ["paper", { state: "near" }, "do_paper_near"],
    ["paper", { state: "out" }, "do_paper_out"],
    ["open_cover", {}, "do_open_cover"],
    ["close_cover", {}, "do_close_cover"],
    ["jam_cutter", {}, "do_jam_cutter"],
    ["free_cutter", {}, "do_free_cutter"],
  ],
  pad: [
    ["rate_twice", { first: 0, second: 3 }, "do_rate_twice"],
    ["send_value", { value: 7 }, "do_send_value"],
  ],
  hall485: [
    ["lose_frames", { count: 1 }, "do_lose_frame"],
    ["delay_frames", { seconds: 0.8 }, "do_delay"],
    ["delay_frames", { seconds: 0 }, "do_no_delay"],
  ],
  tablet: [["rate_twice", { first: 1, second: 5 }, "do_rate_twice"]],
  speaker: [["clear", {}, "do_clear"]],
};

// Acts that need a value of a person's own choice.
const CHOSEN = { cpower: ["set_brightness", "set_clock"], tablet: ["rate_late", "dial"] };

const menu = document.getElementById("menu");
let opened = null;

export function openMenu(button, current) {
  if (opened?.button === button) {
    closeMenu();
    return;
  }
  opened = { button, current };
  fill(current());
  menu.hidden = false;
  place(button);
  menu.querySelector("button")?.focus({ preventScroll: true });
}

export function refreshMenu(view) {
  if (opened && opened.current().id === view.id) fill(view);
}

export function closeMenu() {
  menu.hidden = true;
  opened?.button.focus({ preventScroll: true });
  opened = null;
}

document.addEventListener("keydown", (event) => event.key === "Escape" && opened && closeMenu());
document.addEventListener("pointerdown", (event) => {
  if (opened && !menu.contains(event.target) && !opened.button.contains(event.target)) closeMenu();
});

function fill(view) {
  const active = new Map(view.faults.map((fault) => [fault.word, fault]));
  const amounts = new Map([...menu.querySelectorAll("input[data-word]")].map((input) => [input.dataset.word, input.value]));
  const times = menu.querySelector(".times select")?.value ?? "0";
  // What a person is typing stays as it is.
  const hand = menu.querySelector(".hands");
  const writing = hand?.contains(document.activeElement) ? hand : null;
  menu.replaceChildren(
    el("h3", {}, both("troubles"), el("code", {}, view.id)),
    timesChoice(times),
    el("ul", {}, ...view.troubles.map((word) => entry(view.id, word, active.has(word), amounts.get(word)))),
  );
  const special = SPECIAL[view.kind] ?? [];
  if (special.length) menu.append(el("h3", {}, both("by_hand")), el("div", { class: "specials" }, ...special.map((one) => specialButton(view.id, one))));
  const chosen = hands(view, CHOSEN[view.kind] ?? []);
  if (chosen.length) menu.append(writing ?? el("ul", { class: "hands" }, ...chosen));
  if (active.size) menu.append(el("button", { class: "clear", type: "button", data: { do: "clear" }, onclick: () => post("/fault", { device: view.id, clear: true }) }, both("clear_all")));
}

function timesChoice(chosen) {
  const choices = [["0", say("until_cleared")], ["1", say("once")], ["3", say("three_times")]];
  const select = el("select", { "aria-label": say("how_often") }, ...choices.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  return el("label", { class: "times" }, say("how_often"), select);
}

function entry(device, word, active, kept) {
  const [unit, usual] = AMOUNTS[word] ?? [null, 0];
  const amount = unit ? el("input", { type: "number", value: kept ?? usual, min: 0, step: "any", data: { word }, "aria-label": say(`fault_${word}`) }) : null;
  const pressed = () => {
    if (active) return post("/fault", { device, word, clear: true });
    const value = Number(amount?.value ?? 0);
    const times = Number(menu.querySelector(".times select").value);
    return post("/fault", { device, word, amount: unit === "%" ? value / 100 : value, times });
  };
  const button = el("button", { type: "button", class: active ? "on" : "", "aria-pressed": String(active), data: { word }, onclick: pressed }, both(`fault_${word}`));
  return el("li", {}, button, amount, unit ? el("span", { class: "unit" }, unit) : null);
}

function specialButton(device, [action, values, key]) {
  return el("button", { type: "button", data: { action }, onclick: () => act(device, action, values) }, both(key));
}

function place(button) {
  const spot = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(spot.right - width, window.innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(spot.bottom + 6, window.innerHeight - height - 8))}px`;
}
