// What stands behind the counters: board, loudspeaker, programs, the line to the centre, the log.

import { el, icon, post } from "./dom.js";
import { DeviceBar } from "./device.js";
import { both, currentLanguage, say } from "./words.js";

export function speakerPart(id, register) {
  const [bar, list] = [new DeviceBar(id), el("ol", { class: "said" })];
  let shown = "";
  register(`device:${id}`, (view) => {
    bar.update(view);
    const now = JSON.stringify(view.said);
    if (now === shown) return;
    shown = now;
    const lines = [...view.said].reverse().map((said) => sentence(said));
    list.replaceChildren(...(lines.length ? lines : [el("li", { class: "empty" }, both("nothing_said"))]));
  });
  return el("div", { class: "thing speaker" }, el("h2", {}, both("sound")), bar.element, list);
}

function sentence(said) {
  const play = el("button", { type: "button", class: "play", "aria-label": say("play"), title: `${said.seconds.toFixed(1)} s` }, icon("play"));
  play.onclick = () => {
    const sound = new Audio(`/sound/${said.file}`);
    play.classList.add("playing");
    sound.onended = sound.onerror = () => play.classList.remove("playing");
    sound.play().catch(() => play.classList.remove("playing"));
  };
  return el("li", {}, play, el("span", {}, said.text), el("small", {}, `${said.seconds.toFixed(1)} s`));
}

export class Programs {
  constructor() {
    this.rows = new Map();
    this.list = el("ul", { class: "programs" });
    this.element = el("div", { class: "thing machine" }, el("h2", {}, both("programs")), this.list);
  }

  update(program) {
    let row = this.rows.get(program.name);
    if (!row) {
      row = this.row(program.name);
      this.rows.set(program.name, row);
      this.list.append(row.element);
    }
    row.element.classList.toggle("runs", program.pid !== null);
    row.element.classList.toggle("held", program.held);
    row.pid.textContent = program.pid === null ? say(program.held ? "held" : "starting") : program.pid;
    row.restarts.textContent = program.restarts ? `↻ ${program.restarts}` : "";
    row.kill.disabled = program.pid === null;
    row.hold.replaceChildren(icon(program.held ? "play" : "pause"));
    row.hold.title = say(program.held ? "release" : "hold");
    row.hold.setAttribute("aria-label", `${program.name}: ${row.hold.title}`);
    row.hold.onclick = () => post("/program", { name: program.name, do: program.held ? "release" : "hold" });
  }

  row(name) {
    const [pid, restarts] = [el("code", {}), el("span", { class: "restarts" })];
    const kill = el("button", { type: "button", class: "kill", data: { do: "kill" }, "aria-label": `${name}: kill -9`, onclick: () => post("/program", { name, do: "kill" }) }, "kill -9");
    const hold = el("button", { type: "button", class: "tool", data: { do: "hold" } });
    const label = el("span", { class: "label" }, el("b", {}, name), el("small", {}, say(`program_${name}`)));
    const element = el("li", { data: { program: name } }, el("i", { class: "dot" }), label, restarts, pid, kill, hold);
    return { element, pid, restarts, kill, hold };
  }
}

export class Top {
  constructor(relabel) {
    this.line = el("button", { type: "button", id: "line", role: "switch", hidden: true }, el("i", { class: "cable" }), el("span", { class: "end" }), el("output", { class: "octets" }));
    this.health = el("span", { class: "health" });
    this.clerk = el("a", { class: "clerk", target: "_blank", rel: "noreferrer", hidden: true }, both("clerk_page"));
    this.link = el("i", { class: "dot" });
    const chosen = currentLanguage();
    const languages = [["zh", "中文"], ["en", "English"]].map(([code, name]) =>
      el("button", { type: "button", "aria-pressed": String(code === chosen), data: { language: code }, onclick: () => relabel(code) }, name),
    );
    this.site = el("code", {});
    this.elements = [
      el("h1", {}, this.link, both("title"), this.site),
      this.health,
      this.line,
      this.clerk,
      el("div", { class: "languages" }, ...languages),
    ];
  }

  connected(there) {
    this.link.classList.toggle("on", there);
    this.link.title = say(there ? "connected" : "not_connected");
    document.body.classList.toggle("lost", !there);
  }

  showLine({ up, octets }) {
    this.line.hidden = false;
    this.line.setAttribute("aria-checked", String(up));
    this.line.setAttribute("aria-label", say("line"));
    this.line.querySelector(".end").replaceChildren(both(up ? "line_is_up" : "line_is_down"));
    this.line.querySelector(".octets").textContent = size(octets);
    this.line.onclick = () => post("/line", { up: !up });
  }

  showHealth(health) {
    this.clerk.hidden = !health.url;
    this.clerk.href = `${health.url}/`;
    if (!health.ready) {
      this.health.replaceChildren(el("b", { class: "bad" }, say("hall_gone")));
      return;
    }
    const pending = health.link.pending;
    this.health.replaceChildren(
      figure("records", health.seq),
      figure("pending", pending, pending ? "waiting" : ""),
      figure("devices_well", `${health.devices - health.faults}/${health.devices}`, health.faults ? "waiting" : ""),
    );
  }
}

function figure(key, value, mood = "") {
  return el("span", { class: `figure ${mood}`, data: { figure: key } }, el("b", {}, String(value)), both(key));
}

function size(octets) {
  return octets < 10240 ? `${octets} B` : octets < 10485760 ? `${Math.round(octets / 1024)} KB` : `${Math.round(octets / 1048576)} MB`;
}

export class Log {
  constructor() {
    this.list = el("ol", { class: "events" });
    this.element = el("div", { class: "thing journal" }, el("h2", {}, both("log")), this.list);
  }

  update({ events }) {
    const lines = [...events].reverse().map((event) => {
      const text = say(`log_${event.what}`, { text: event.text ?? "", word: event.word ? say(`fault_${event.word}`) : "" });
      return el("li", { data: { what: event.what } }, el("time", {}, event.at), el("code", {}, event.about), el("span", {}, text));
    });
    this.list.replaceChildren(...(lines.length ? lines : [el("li", { class: "empty" }, both("nothing_happened"))]));
  }
}
