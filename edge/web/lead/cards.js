// One task or complaint as a card: what it is, its clock, its history, and the steps possible now. Only draws.

import { button, by, make, moment, pace } from "/lead/pieces.js";

// `told`: { words, windowName, itemName, leads, step(card, name), read(subject, of, n) }
export function taskCard(card, told) {
  const { words } = told;
  const title = card.number ? words.say("task.service", card) : words.say("task.service_unknown");
  const made = frame(card, title, card.state === "closed" ? null : pace(words, card), told);
  made.append(
    facts([
      words.say("task.of", { window: told.windowName(card.window), clerk: card.clerk }),
      card.cases.length ? words.say("task.cases", { numbers: card.cases.join(words.say("task.join")) }) : "",
      card.to ? words.say("task.to", { to: told.leads[card.to] ?? card.to }) : "",
      card.verdict ? words.say("task.verdict_is", { verdict: words.say(`verdict.${card.verdict}`) }) : "",
      content(card, words),
    ]),
    opinions(card, told),
    history(card, told),
    steps(card, told, card.steps[0] === "assign" && !card.to ? ["take", ...card.steps] : card.steps),
  );
  return made;
}

export function complaintCard(card, told) {
  const { words } = told;
  const made = frame(card, `${words.say(`complaint.${card.type}`)}　${card.number}`, running(card) ? pace(words, card) : null, told);
  if (card.urged && running(card)) {
    made.querySelector("h3").after(make("span", "chip chip-red", words.say("complaint.urged", { n: card.urged })));
  }
  made.append(
    facts([
      words.say(`heard_by.${card.channel}`),
      words.say(card.anonymous ? "complaint.anonymous" : "complaint.named"),
      words.say("complaint.about", { about: about(card, told) }),
      words.say("complaint.at_level", { level: words.say(`hall_level.${card.level}`) }),
      card.to ? words.say("complaint.with", card) : "",
      card.urged && !running(card) ? words.say("complaint.urged", { n: card.urged }) : "",
      card.escalated ? words.say("complaint.escalated", { n: card.escalated }) : "",
      content(card, words),
      words.say("complaint.code", { code: card.query_code }),
    ]),
  );
  const read = make("div", "card-row");
  read.append(button(words.say("complaint.words"), "button button-small", () => told.read(card.uid, "step", 0)));
  made.append(read, history(card, told), steps(card, told, card.steps));
  return made;
}

function running(card) {
  return !["replied", "revisited", "closed"].includes(card.state);
}

function frame(card, title, light, { words }) {
  const made = make("article", "card follow");
  made.id = card.uid;
  made.tabIndex = -1;
  const head = make("header", "follow-head");
  head.append(make("h3", "", title), make("span", "chip chip-blue", words.say(`step.${card.state}`)));
  if (light) head.append(light);
  if (light && card.due) head.append(make("span", "hint", `${words.say("watched.until")} ${card.due}`));
  made.append(head);
  return made;
}

function facts(lines) {
  const made = make("ul", "facts");
  made.append(...lines.filter(Boolean).map((line) => make("li", "", line)));
  return made;
}

function content(card, words) {
  if (!card.history.some((line) => line.step === "revisit")) return "";
  const word = { true: "yes", false: "no", null: "none" }[String(card.content)];
  return words.say("task.content_is", { content: words.say(`content.${word}`) });
}

function about(card, told) {
  const { words } = told;
  if (card.about === "window" && card.target) return told.windowName(card.target);
  if (card.about === "item" && card.target) return told.itemName(card.target);
  const said = words.say(`about.${card.about}`);
  return card.target ? `${said} ${card.target}` : said;
}

function opinions(card, told) {
  const { words } = told;
  const made = make("ul", "opinions");
  made.append(
    ...card.opinions.map((each) => {
      const line = make("li");
      const reasons = each.reasons.map((reason) => words.say(`reason_word.${reason}`)).join(words.say("task.join"));
      line.append(
        make("strong", "", `${words.say(each.n ? "opinion.second" : "opinion.first")}　${words.say(`level_word.${each.level}`)}`),
        make("span", "", reasons || words.say("opinion.no_reason")),
        make("span", "hint", `${words.say(`rated_by.${each.by}`)} ${moment(each.at)}`),
      );
      if (each.written) {
        line.append(button(words.say("opinion.words"), "link", () => told.read(card.uid, "opinion", each.n)));
      }
      return line;
    }),
  );
  return made;
}

function history(card, told) {
  const { words } = told;
  const made = make("details", "history");
  made.dataset.kept = card.uid;
  made.append(make("summary", "", `${words.say("chain.title")}（${card.history.length}）`));
  const list = make("ol");
  list.append(
    ...card.history.map((line) => {
      const item = make("li");
      item.append(make("span", "when", moment(line.at)), make("span", "", lineText(line, told)));
      if (line.written && line.step !== "register") {
        item.append(button(words.say("chain.read"), "link", () => told.read(card.uid, "step", line.n)));
      }
      return item;
    }),
  );
  made.append(list);
  return made;
}

function lineText(line, { words, leads }) {
  if (line.step === "open") return words.say("chain.open");
  const values = { step: words.say(`chain.${line.step}`), by: by(words, line.by, leads) };
  if (line.to) return words.say("chain.line_to", { ...values, to: leads[line.to] ?? line.to });
  if (line.step === "escalate") {
    return words.say("chain.line_level", { ...values, level: words.say(`hall_level.${line.level}`) });
  }
  return words.say("chain.line", values);
}

function steps(card, told, names) {
  const { words } = told;
  const made = make("div", "card-row steps");
  if (names.length) {
    made.append(
      ...names.map((name, place) => {
        const look = place ? "button button-small" : "button button-small button-primary";
        const key = button(words.say(`do.${name}`), look, () => told.step(card, name));
        key.dataset.step = name;
        return key;
      }),
    );
  } else {
    const text = card.waits_for ? words.say("task.waits", { who: words.say(`who.${card.waits_for}`) }) : words.say("task.over");
    made.append(make("p", "hint", text));
  }
  return made;
}
