// Calls to the hall. A step is repeated with the same id when no answer comes, so it is done once or not at all.

export class Refused extends Error {
  constructor(status, body) {
    super(body.text ?? String(status));
    this.status = status;
    this.text = body.text ?? "";
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

export async function post(path, body) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call("POST", path, body);
    } catch (error) {
      if (!(error instanceof NoAnswer) || tries === TRIES || !("id" in body)) throw error;
      await pause(500 * tries);
    }
  }
}

async function call(method, path, body) {
  const headers = { "Accept-Language": language };
  if (method !== "GET") headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
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
