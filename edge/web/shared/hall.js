// Calls to the hall. A step is repeated with the same id when no answer comes, so it is done once or not at all.

export class Refused extends Error {
  constructor(status, body) {
    super(body.text ?? String(status));
    this.status = status;
    this.text = body.text ?? "";
    this.code = body.code ?? "";
    this.who = body.who_can ?? "";
  }
}

export class NoAnswer extends Error {}

const PATIENCE = 8000;
const TRIES = 3;

let language = "zh-Hans";
let ahead = 0; // ms the hall's clock is ahead of this browser's

export function speak(chosen) {
  language = chosen;
}

export function hallNow() {
  return Date.now() + ahead;
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function get(path) {
  return call("GET", path);
}

export function remove(path) {
  return call("DELETE", path);
}

// `patience` ms for steps that wait for a person or a device; `stop`: an AbortSignal that takes the step back.
export async function post(path, body, { patience = PATIENCE, stop = null } = {}) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call("POST", path, body, patience, stop);
    } catch (error) {
      if (!(error instanceof NoAnswer) || tries === TRIES || !("id" in body) || stop?.aborted) throw error;
      await pause(500 * tries);
    }
  }
}

async function call(method, path, body, patience = PATIENCE, stop = null) {
  const headers = { "Accept-Language": language };
  if (method !== "GET") headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop ? AbortSignal.any([stop, AbortSignal.timeout(patience)]) : AbortSignal.timeout(patience),
      credentials: "same-origin",
    });
  } catch {
    throw new NoAnswer(path);
  }
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) ahead = date - Date.now();
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, content);
  return content;
}

export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
