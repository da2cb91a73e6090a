// Figures of assessment (考核) for a stretch of days, in tables, and the same as a file.

import { Refused, get } from "/shared/hall.js";
import { make } from "/lead/pieces.js";

const TABLES = {
  cases_by_item: ["received", "decided", "in_time", "late", "overdue", "open", "withdrawn", "noticed", "differing", "refused"],
  cases_by_window: ["received", "decided", "in_time", "late", "overdue", "open", "withdrawn", "noticed", "differing", "refused"],
  complaints_by_type: ["registered", "anonymous", "answered", "in_time", "late", "overdue", "open", "no_limit", "discontent"],
  complaints_by_channel: ["registered", "answered", "in_time", "late", "overdue", "open"],
  complaints_by_level: ["registered", "answered", "in_time", "late", "overdue", "open", "urged", "escalated"],
  tasks_by_window: ["opened", "answered", "in_time", "late", "overdue", "open", "closed", "true", "appealed"],
  tasks_by_clerk: ["opened", "answered", "in_time", "late", "overdue", "open", "closed", "true", "appealed"],
  ratings_by_window: ["asked", "answered", "share", "second"],
  ratings_by_clerk: ["asked", "answered", "share", "second"],
};
const LEVELS = ["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"];
const at = (id) => document.getElementById(id);

export class Assessment {
  #words;
  #names;
  #found = null;

  // `names(cut, key)`: a window, item, clerk, kind or level as people say it.
  constructor(words, names) {
    this.#words = words;
    this.#names = names;
    at("assess-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.look();
    });
  }

  // `dates` on record, oldest first. The last thirty are asked about, unless somebody chose others.
  know(dates) {
    for (const [id, fallback] of [["assess-first", dates.at(-30) ?? dates[0]], ["assess-last", dates.at(-1)]]) {
      const chosen = at(id).value;
      at(id).replaceChildren(...dates.toReversed().map((date) => new Option(date, date)));
      at(id).value = dates.includes(chosen) ? chosen : (fallback ?? "");
    }
  }

  async look() {
    const [first, last] = [at("assess-first").value, at("assess-last").value].toSorted();
    if (!first) return this.#none();
    try {
      this.#found = await get(`/api/oversight/assessment/${first}/${last}`);
    } catch (error) {
      if (!(error instanceof Refused)) return at("assess-says").replaceChildren(this.#words.say("watched.lost"));
      return this.#none();
    }
    at("assess-table").href = `/api/oversight/assessment/${first}/${last}/table`;
    at("assess-table").hidden = false;
    this.draw();
  }

  #none() {
    this.#found = null;
    at("assess-table").hidden = true;
    at("assess-says").textContent = this.#words.say("assess.none");
    at("assess-tables").replaceChildren();
  }

  draw() {
    if (!this.#found) return;
    at("assess-says").textContent = `${this.#found.first} — ${this.#found.last}`;
    const told = Object.entries(TABLES).filter(([cut]) => Object.keys(this.#found[cut]).length);
    if (!told.length) at("assess-says").textContent += `　${this.#words.say("assess.none")}`;
    at("assess-tables").replaceChildren(...told.map(([cut, columns]) => this.#section(cut, columns)));
  }

  #section(cut, columns) {
    const section = make("section", "card");
    const title = make("h2", "", this.#words.say(`assess.${cut}`));
    title.id = `assess-${cut}`;
    section.setAttribute("aria-labelledby", title.id);
    const wide = make("div", "wide");
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-labelledby", title.id);
    wide.append(this.#table(cut, columns));
    section.append(title, wide);
    return section;
  }

  #table(cut, columns) {
    const words = this.#words;
    const parts = Object.entries(this.#found[cut]);
    const levels = cut.startsWith("ratings") ? LEVELS : [];
    const table = make("table");
    const head = table.createTHead().insertRow();
    const names = ["name", ...columns].map((key) => words.say(`figure.${key}`));
    for (const name of [...names, ...levels.map((level) => words.say(`level_word.${level}`))]) {
      const cell = make("th", "", name);
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    const whole = this.#found[cut.split("_by_")[0]];
    for (const [key, figures] of [...parts, ["", whole]]) {
      const row = body.insertRow();
      const first = make("th", "", key ? this.#names(cut.split("_by_")[1], key) : words.say("assess.whole"));
      first.scope = "row";
      row.append(first);
      for (const column of columns) row.insertCell().textContent = String(value(figures, column));
      for (const level of levels) row.insertCell().textContent = String(figures.levels[level] ?? 0);
    }
    return table;
  }
}

function value(figures, column) {
  if (column === "refused") return Object.values(figures.refused).reduce((sum, n) => sum + n, 0);
  if (column === "true") return figures.verdicts.true ?? 0;
  if (column === "share") return figures.asked ? `${Math.round((100 * figures.answered) / figures.asked)}%` : "—";
  return figures[column];
}
