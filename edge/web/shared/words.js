// Texts of a page in the language the person chose; the choice stays in this browser.

const KEY = "hall-language";
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];

export class Words {
  #lists = {};
  language = "zh-Hans";

  async load(language, ...lists) {
    const pages = await Promise.all(lists.map((list) => fetchList(language, list)));
    this.#lists = Object.assign({}, ...pages);
    this.language = language;
    document.documentElement.lang = language;
  }

  has(key) {
    return key in this.#lists;
  }

  say(key, values = {}) {
    const text = this.#lists[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  }

  // A text that the hall gives by language.
  own(text) {
    return text?.[this.language] ?? text?.["zh-Hans"] ?? "";
  }

  // "6 minutes" from seconds, in steps a person cares about.
  age(seconds, { exact = false } = {}) {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return exact ? this.say("age.seconds", { n: whole }) : this.say("age.now");
    if (whole < 3600) return this.say("age.minutes", { n: Math.floor(whole / 60) });
    return this.say("age.hours", { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) });
  }

  fill(root = document) {
    for (const element of root.querySelectorAll("[data-word]")) {
      element.textContent = this.say(element.dataset.word);
    }
  }
}

export function chosenLanguage(fallback) {
  const chosen = localStorage.getItem(KEY);
  return LANGUAGES.includes(chosen) ? chosen : fallback;
}

export function chooseLanguage(language) {
  localStorage.setItem(KEY, language);
}

async function fetchList(language, list) {
  const answer = await fetch(`/api/words/${language}/${list}`);
  if (!answer.ok) throw new Error(`no words: ${language}/${list}`);
  return answer.json();
}
