// Small pieces of the leads' lists: elements, the time limit in words, who did a step.

export function make(tag, look = "", content = "") {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (content) made.textContent = content;
  return made;
}

export function button(content, look, act) {
  const made = make("button", look, content);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

const CHIPS = { overdue: "chip chip-red", soon: "chip chip-amber", in_time: "chip chip-green", unknown: "chip" };

// The traffic light in words; the colour only repeats them.
export function pace(words, { pace: light, left }) {
  return make("span", CHIPS[light], paceText(words, light, left));
}

function paceText(words, light, left) {
  if (light === "unknown" || left === null) return words.say(light === "overdue" ? "pace.overdue_just" : "pace.unknown");
  if (light === "overdue") return left < 0 ? words.say("pace.overdue", { n: -left }) : words.say("pace.overdue_just");
  return left === 0 ? words.say("pace.today") : words.say("pace.left", { n: left });
}

// `lead:l01` -> who it was, as people say it.
export function by(words, actor, names = {}) {
  const [role, id] = actor.split(":");
  if (names[id]) return names[id];
  if (["clerk", "lead", "guide"].includes(role)) return words.say(`chain.by_${role}`, { id });
  if (role === "centre") return words.say("chain.by_centre");
  return words.say(["kiosk", "pad", "gateway"].includes(role) ? "chain.by_citizen" : "chain.by_hall");
}

export function moment(at) {
  return at.slice(0, 16).replace("T", " ");
}
