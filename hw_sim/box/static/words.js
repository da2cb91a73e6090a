// The page's texts. The chosen language stands first, the other one under it where there is room.

import { el } from "./dom.js";

let words = {};
let language = localStorage.getItem("language") === "en" ? "en" : "zh";

export async function loadWords() {
  words = await (await fetch("/static/words.json")).json();
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

export const currentLanguage = () => language;

export function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-Hans" : "en";
}

/** An unknown key is shown itself, so that nothing disappears. */
export function say(key, values = {}) {
  return filled(words[language]?.[key] ?? key, values);
}

/** `otherwise` for a key that nobody wrote down. */
export function sayOr(key, otherwise) {
  return words[language]?.[key] ?? otherwise;
}

function other(key, values) {
  return filled(words[language === "zh" ? "en" : "zh"]?.[key] ?? "", values);
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Both languages: the chosen one, and the other smaller. */
export function both(key, values = {}) {
  const main = say(key, values);
  const second = other(key, values);
  return el("span", { class: "both" }, el("span", {}, main), second === main ? null : el("small", {}, second));
}
