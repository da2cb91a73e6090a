// What a ticket is besides its number: green channel, appointment, several items.

export const GROUNDS = ["disabled", "military", "elderly", "pregnant", "other"];

// [text, look of the chip] each.
export function marks(words, ticket) {
  const found = [];
  const ground = ticket.declared ? words.say(`ground.${ticket.declared}`) : "";
  if (ticket.klass === "green") found.push([words.say("klass.green", { ground }), "chip-green"]);
  else if (ticket.declared) found.push([words.say("klass.declared", { ground }), "chip-amber"]);
  if (ticket.klass === "appointment") found.push([words.say("klass.appointment", { time: clock(ticket.slot) }), "chip-blue"]);
  if (ticket.here) found.push([words.say("klass.here"), ""]);
  if (ticket.items.length > 1) found.push([words.say("klass.items", { n: ticket.items.length }), ""]);
  return found;
}

export function clock(ms) {
  if (!ms) return "";
  const moment = new Date(ms);
  return `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;
}
