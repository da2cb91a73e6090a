// Waits by hour and class: a bar up to the half, a line up to nine in ten. Drawn by hand, no library.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1200;
const HEIGHT = 320;
const LEFT = 56;
const RIGHT = 12;
const TOP = 40;
const BOTTOM = 34;
const MINUTE = 60000;
export const CLASSES = ["walk_in", "green", "appointment"];

export function plotOf(day, words) {
  const hours = Object.keys(day.hours).map(Number);
  const shown = hours.length ? range(Math.min(...hours), Math.max(...hours)) : [];
  const most = Math.max(...shown.flatMap((hour) => CLASSES.map((of) => spread(day, hour, of).p90 / MINUTE)), 1);
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((each) => most / each <= 6) ?? 240;
  const top = Math.ceil(most / step) * step;
  const svg = node("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  svg.append(node("title", {}, words.say("lead_page.plot")), ...lines(top, step, words), ...legend(words));
  const room = (WIDTH - LEFT - RIGHT) / Math.max(shown.length, 1);
  shown.forEach((hour, at) => svg.append(...bars(day, hour, LEFT + at * room, room, top, words)));
  return svg;
}

function bars(day, hour, left, room, top, words) {
  const made = [node("text", { x: left + room / 2, y: HEIGHT - 10, "text-anchor": "middle" }, `${hour}:00`)];
  const width = Math.min(40, (room * 0.8) / CLASSES.length);
  const begin = left + (room - width * CLASSES.length) / 2;
  CLASSES.forEach((of, at) => {
    const waits = spread(day, hour, of);
    if (!waits.n) return;
    const x = begin + at * width;
    const half = height(waits.p50 / MINUTE, top);
    const group = node("g", { class: of });
    const said = { hour, of: words.say(`klass.${of}`), n: waits.n, p50: minutes(waits.p50), p90: minutes(waits.p90) };
    group.append(
      node("title", {}, words.say("lead_page.bar", said)),
      node("rect", { x: x + 2, y: half, width: width - 4, height: Math.max(2, HEIGHT - BOTTOM - half) }),
      node("line", {
        class: "whisker",
        x1: x + width / 2,
        x2: x + width / 2,
        y1: half,
        y2: height(waits.p90 / MINUTE, top),
      }),
      node("line", {
        class: "whisker",
        x1: x + width / 2 - 6,
        x2: x + width / 2 + 6,
        y1: height(waits.p90 / MINUTE, top),
        y2: height(waits.p90 / MINUTE, top),
      }),
    );
    made.push(group);
  });
  return made;
}

function lines(top, step, words) {
  const made = [];
  for (let value = 0; value <= top; value += step) {
    const y = height(value, top);
    made.push(
      node("line", { class: value ? "grid" : "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
      node("text", { x: LEFT - 8, y: y + 5, "text-anchor": "end" }, String(value)),
    );
  }
  made.push(node("text", { x: 4, y: 18 }, words.say("lead_page.minutes")));
  return made;
}

function legend(words) {
  return CLASSES.flatMap((of, at) => [
    node("rect", { class: of, x: 420 + at * 190, y: 6, width: 16, height: 16 }),
    node("text", { x: 444 + at * 190, y: 19 }, words.say(`klass.${of}`)),
  ]);
}

function height(value, top) {
  return TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
}

function spread(day, hour, of) {
  return day.hours[hour]?.waits_of[of] ?? { n: 0, p50: 0, p90: 0, max: 0 };
}

export function minutes(ms) {
  return (ms / MINUTE).toFixed(1);
}

function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

function node(name, attributes, content) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (content !== undefined) made.textContent = content;
  return made;
}
