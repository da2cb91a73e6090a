// Names of devices as people at a window say them.

export function deviceName(words, kind) {
  const family = kind.split(".")[0];
  for (const key of [`kind.${kind}`, `kind.${family}`]) {
    if (words.has(key)) return words.say(key);
  }
  return words.say("kind.other");
}

const DOTS = { ready: "dot-green", busy: "dot-green", starting: "dot-blue", warning: "dot-amber", disabled: "" };

export function deviceDot(state) {
  return `dot ${DOTS[state] ?? "dot-red"}`.trim();
}
