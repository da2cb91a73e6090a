// The window's camera, live, while its panel is open: asks for the next picture when one is drawn, so none pile up.

import { setText } from "/clerk/desk.js";

const ENDS = { 4401: "camera.signed_out", 4404: "camera.none", 4409: "camera.elsewhere" };

export class Camera {
  #words;
  #view;
  #says;
  #socket = null;
  #heard = 0;
  #silence = 0;

  constructor(words, view, says) {
    this.#words = words;
    this.#view = view;
    this.#says = says;
  }

  // The panel stays when the line has ended, so that what it says can be read.
  isOpen = false;

  get live() {
    return this.#socket !== null;
  }

  open(window) {
    if (this.#socket) return;
    this.isOpen = true;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/window/${window}/camera?language=${this.#words.language}`);
    socket.binaryType = "blob";
    this.#socket = socket;
    this.#blank();
    this.#say("camera.opening");
    this.#heard = Date.now();
    this.#silence = setInterval(() => this.#listen(), 1000);
    socket.onopen = () => socket.send("more");
    socket.onmessage = (message) => this.#take(socket, message.data);
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  close() {
    this.isOpen = false;
    const socket = this.#socket;
    this.#socket = null;
    clearInterval(this.#silence);
    socket?.close();
    this.#blank();
  }

  async #take(socket, data) {
    if (socket !== this.#socket) return;
    if (typeof data === "string") {
      this.#socket = null; // the hall closes after its last word
      clearInterval(this.#silence);
      setText(this.#says, JSON.parse(data).text);
      return;
    }
    const picture = await createImageBitmap(data).catch(() => null);
    if (socket !== this.#socket) return;
    if (picture) {
      Object.assign(this.#view, { width: picture.width, height: picture.height });
      this.#view.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
      this.#heard = Date.now();
      this.#say("camera.live");
    }
    if (socket.readyState === WebSocket.OPEN) socket.send("more");
  }

  #listen() {
    if (Date.now() - this.#heard > 4000) this.#say("camera.still");
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearInterval(this.#silence);
    if (ENDS[code]) this.#say(ENDS[code]);
    else if (code !== 4503) this.#say("camera.cut");
  }

  #blank() {
    this.#view.getContext("2d").clearRect(0, 0, this.#view.width, this.#view.height);
  }

  #say(key) {
    setText(this.#says, this.#words.say(key));
  }
}
