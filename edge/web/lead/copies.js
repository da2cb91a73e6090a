// Pages printed for citizens today, and more of them for a ticket or for the hall.

import { Refused, get, newId, post } from "/shared/hall.js";

const PATH = "/api/oversight/copies";
const REASONS = ["large_case", "misprint", "in_need", "other"];
const at = (id) => document.getElementById(id);

export class CopiesCard {
  #words;
  #ask;
  #day = null;

  constructor(words, ask) {
    this.#words = words;
    this.#ask = ask;
    at("copies-grant").addEventListener("click", () => this.#grant());
  }

  async look() {
    try {
      this.#day = await get(PATH);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#day = null; // whoever may not see it sees no card
    }
    this.draw();
  }

  draw() {
    const day = this.#day;
    at("copies").hidden = !day?.offered;
    if (!day?.offered) return;
    const words = this.#words;
    at("copies-left").textContent = words.say("copies.left", { n: day.left });
    const kinds = Object.entries(day.printed).map(([kind, n]) => words.say(`copies.kind.${kind}`, { n }));
    const more = ["unsure", "failed", "granted"].filter((key) => day[key]).map((key) => words.say(`copies.${key}`, { n: day[key] }));
    at("copies-told").replaceChildren(
      ...(kinds.length ? kinds : [words.say("copies.none")]).concat(more).map((text) => {
        const line = document.createElement("li");
        line.textContent = text;
        return line;
      }),
    );
  }

  #grant() {
    const id = newId(); // one id a dialog: pressing again after a lost answer gives once
    this.#ask.pages(REASONS, async (body) => {
      this.#day = await post(PATH, { id, ...body });
      this.draw();
    });
  }
}
