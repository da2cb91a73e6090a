// What a clerk does beside his turns: registers a complaint or suggestion that was spoken or telephoned, and answers the
// tasks of his own ratings. On its own: it adds two buttons to the bar and opens dialogs over whatever is there.

import { NoAnswer, Refused, get, newId, post } from "/shared/hall.js";
import { ComplaintDialog } from "/shared/complaint.js";
import { Words } from "/shared/words.js";

const at = (id) => document.getElementById(id);
const words = new Words();
let spoken = "";
const signOut = at("sign-out");
const asking = document.body.appendChild(make("dialog", "asking"));
const keys = [key("complaint", registerComplaint), key("tasks", showTasks)];
asking.addEventListener("keydown", (event) => event.stopPropagation()); // digits typed here call nobody
signOut.before(...keys);
new MutationObserver(fit).observe(signOut, { attributes: true, attributeFilter: ["hidden"] });
new MutationObserver(speakIn).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
speakIn();
fit();

function fit() {
  for (const each of keys) each.hidden = signOut.hidden;
  if (signOut.hidden) asking.close();
}

// Loading words sets the page's language itself: only another one is loaded.
async function speakIn() {
  const wanted = document.documentElement.lang;
  if (wanted === spoken) return;
  spoken = wanted;
  try {
    await words.load(wanted, "clerk", "lead", "oversight");
  } catch {
    spoken = ""; // the next change of language, or the next click, asks again
    return;
  }
  for (const each of keys) each.textContent = words.say(`bar_followup.${each.dataset.followup}`);
}

function key(name, act) {
  const made = make("button", "bar-button");
  Object.assign(made, { type: "button", hidden: true });
  made.dataset.followup = name;
  made.addEventListener("click", whenThere(act));
  return made;
}

// A hall that does not answer is said by the page's own banner; here nothing opens then.
function whenThere(open) {
  return async () => {
    try {
      await speakIn();
      await open();
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
    }
  };
}

async function registerComplaint() {
  const [session, catalogue] = await Promise.all([get("/api/session"), get("/api/catalogue")]);
  const { window } = session;
  const path = `/api/window/${window}/complaint`;
  new ComplaintDialog(words, asking, catalogue, { path, channels: ["window", "phone"], window }).open();
}

async function showTasks() {
  const { window } = await get("/api/session");
  drawTasks(window, await get(`/api/window/${window}/tasks`));
  asking.setAttribute("aria-label", words.say("task.own"));
  asking.showModal();
}

function drawTasks(window, tasks, wrong = "") {
  const box = make("div", "ask");
  box.append(make("h2", "", words.say("task.own")));
  if (tasks.length) box.append(make("p", "hint", words.say("task.own_secret")), ...tasks.map((task) => card(window, task)));
  else box.append(make("p", "", words.say("task.own_none")));
  if (wrong) {
    const said = box.appendChild(make("p", "note note-danger", wrong));
    said.setAttribute("role", "alert");
  }
  const back = make("button", "button", words.say("do.close_note"));
  back.type = "button";
  back.addEventListener("click", () => asking.close());
  box.append(back);
  asking.replaceChildren(box);
  back.focus();
}

function card(window, task) {
  const made = make("form", "own-task");
  const level = words.say(`level_word.${task.level}`);
  const head = make("div", "card-row");
  head.append(make("strong", "", words.say("task.own_line", { opened: task.opened, level })));
  head.append(make("span", "chip chip-blue", words.say(`step.${task.state}`)));
  made.append(head);
  const reasons = task.reasons.map((reason) => words.say(`reason_word.${reason}`)).join(words.say("task.join"));
  const lines = [reasons, task.due ? `${words.say("watched.until")} ${task.due}` : ""];
  if (task.verdict) lines.push(words.say("task.verdict_is", { verdict: words.say(`verdict.${task.verdict}`) }));
  made.append(make("p", "hint", lines.filter(Boolean).join("　")));
  if (!task.steps.length) return made;
  const label = make("label", "asked");
  const text = make("textarea");
  Object.assign(text, { name: "text", rows: 2, maxLength: 2000 });
  label.append(make("span", "", words.say("ask.note")), text);
  const row = make("div", "card-row");
  row.append(...task.steps.map((step) => stepKey(window, task, step, text)));
  made.append(label, row);
  return made;
}

function stepKey(window, task, step, text) {
  const id = newId();
  const made = make("button", "button button-small", words.say(`do.${step}`));
  made.type = "button";
  made.addEventListener("click", async () => {
    try {
      drawTasks(window, await post(`/api/window/${window}/task/${task.uid}/${step}`, { id, text: text.value }));
    } catch (error) {
      const said = error instanceof Refused && error.text ? error.text : words.say("watched.unconfirmed");
      drawTasks(window, await get(`/api/window/${window}/tasks`), said);
    }
  });
  return made;
}

function make(tag, look = "", content = "") {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (content) made.textContent = content;
  return made;
}
