// Which key does what while a draft is open; where a key sits counts, not its letter.

export const DRAFT_KEYS = {
  Enter: ["receive"],
  NumpadEnter: ["receive"],
  KeyM: ["missing"],
  KeyD: ["defect"],
  KeyU: ["reused"],
  KeyI: ["decline"],
  KeyQ: ["earlier"],
  Equal: ["copies", 1],
  NumpadAdd: ["copies", 1],
  Minus: ["copies", -1],
  NumpadSubtract: ["copies", -1],
  BracketRight: ["originals", 1],
  BracketLeft: ["originals", -1],
  KeyC: ["capture"],
  KeyG: ["again"],
  KeyN: ["notice"],
  KeyE: ["precheck"],
  KeyX: ["refuse"],
  KeyA: ["aside"],
  KeyW: ["drop"],
  KeyP: ["reprint"],
};

export function counts(line) {
  return { originals: line.wanted_originals, copies: line.wanted_copies };
}

export function firstOpen(taken) {
  const place = taken?.materials.findIndex((line) => line.lack) ?? 0;
  return Math.max(0, place);
}

// Steps one after the other. A quick clerk types ahead: a key pressed during a step is done when that step is over.
export class Steps {
  #press;
  #last = Promise.resolve();
  #pending = 0;
  #keys = [];

  constructor(press) {
    this.#press = press;
  }

  // `step` never fails.
  add(step) {
    this.#pending += 1;
    this.#last = this.#last.then(step).finally(() => (this.#pending -= 1));
  }

  // True when the key has to wait. Never keeps what another part of the page, or a button, is waiting for.
  keep(event, mode) {
    const idle = !this.#pending && !this.#keys.length;
    const calling = mode === "done" && /^(?:Digit|Numpad)[0-9]$/.test(event.code);
    if (idle || calling || mode === "start" || ["Escape", "Tab"].includes(event.code)) return false;
    if (event.target.closest("button, a, input, select, textarea")) return false;
    if (!event.repeat && this.#keys.push(event) === 1) this.#catchUp();
    return true;
  }

  async #catchUp() {
    while (this.#keys.length) {
      await this.#last;
      this.#press(this.#keys[0]);
      await this.#last;
      this.#keys.shift();
    }
  }
}
