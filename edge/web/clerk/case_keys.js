// Which key does what while a draft is open; where a key sits counts, not its letter.

export const DRAFT_KEYS = {
  Enter: ["receive"],
  NumpadEnter: ["receive"],
  KeyM: ["missing"],
  KeyD: ["defect"],
  KeyU: ["reused"],
  Equal: ["copies", 1],
  NumpadAdd: ["copies", 1],
  Minus: ["copies", -1],
  NumpadSubtract: ["copies", -1],
  BracketRight: ["originals", 1],
  BracketLeft: ["originals", -1],
  KeyC: ["capture"],
  KeyG: ["again"],
  KeyN: ["notice"],
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
