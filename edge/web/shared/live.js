// The live line: whole snapshots pushed by the hall. Connects again for ever; tells when it is lost and since when.

const SILENCE = 8000;
const FIRST_WAIT = 300;
const LONGEST_WAIT = 4000;

export class LiveLine extends EventTarget {
  #topics;
  #language;
  #socket = null;
  #wait = FIRST_WAIT;
  #expected = 1;
  #silence = 0;
  #retry = 0;
  #closed = false;
  heard = Date.now();

  constructor(topics, language) {
    super();
    this.#topics = topics;
    this.#language = language;
    this.#open();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  speak(language) {
    this.#language = language;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#watch();
  }

  #open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    this.#socket = socket;
    this.#expected = 1;
    this.#listenFor(socket);
    socket.onopen = () => this.#watch();
    socket.onmessage = (message) => this.#take(socket, JSON.parse(message.data));
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  #watch() {
    this.#socket.send(JSON.stringify({ topics: this.#topics, language: this.#language }));
  }

  #take(socket, push) {
    if (socket !== this.#socket) return;
    if (push.n !== this.#expected) {
      this.#lost(socket, 0);
      return;
    }
    this.#expected += 1;
    this.#wait = FIRST_WAIT;
    this.heard = Date.now();
    this.#listenFor(socket);
    this.dispatchEvent(new CustomEvent("push", { detail: push }));
  }

  #listenFor(socket) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(socket, 0), SILENCE);
  }

  // A socket over a cut cable does not close by itself, so it is left behind rather than waited for.
  #lost(socket, code) {
    if (socket !== this.#socket || this.#closed) return;
    clearTimeout(this.#silence);
    this.#socket = null;
    socket.close();
    this.dispatchEvent(new CustomEvent("lost", { detail: { code, since: this.heard } }));
    this.#retry = setTimeout(() => this.#open(), this.#wait * (0.7 + 0.3 * Math.random()));
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 1.7);
  }
}
