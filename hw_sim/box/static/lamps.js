// An LED panel, lamp by lamp: round red lights with the real gap between them.

import { el } from "./dom.js";

// Edge and middle of a lamp: dark, red, green, both; blue, and blue with each of them.
const COLOURS = [
  ["#2a100d", "#2a100d"],
  ["#ff5533", "#ff9a7a"],
  ["#3ddc6a", "#a8f5bd"],
  ["#ffc02e", "#ffe49a"],
  ["#4a86ff", "#b3ccff"],
  ["#ee5be8", "#fbc4f8"],
  ["#4fdcee", "#c2f6fc"],
  ["#f2f2f2", "#ffffff"],
];

export class Lamps {
  constructor() {
    this.canvas = el("canvas", { class: "lamps", role: "img" });
    this.element = el("div", { class: "panel-frame" }, this.canvas);
    this.bits = null;
    this.shown = null;
    new ResizeObserver(() => this.fit()).observe(this.element);
  }

  update({ width, height, red, green, blue, light }) {
    this.canvas.style.filter = light > 0 && light < 1 ? `brightness(${light})` : "";
    const planes = [red, green, blue].map((plane) => Uint8Array.from(atob(plane), (letter) => letter.charCodeAt(0)));
    const octets = Math.ceil(width / 8);
    const bits = new Uint8Array(width * height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const [r, g, b] = planes.map((plane) => (plane[y * octets + (x >> 3)] >> (7 - (x & 7))) & 1);
        bits[y * width + x] = r + 2 * g + 4 * b;
      }
    }
    const resized = width !== this.width || height !== this.height;
    Object.assign(this, { bits, width, height });
    if (resized) this.fit();
    this.draw();
  }

  /** Lamps take a whole number of the screen's dots, so that all look alike. */
  fit() {
    if (!this.width) return;
    const ratio = window.devicePixelRatio || 1;
    const pitch = Math.max(2, Math.min(12, Math.floor((this.element.clientWidth * ratio) / this.width)));
    if (pitch === this.pitch && this.canvas.width === pitch * this.width) return;
    this.pitch = pitch;
    this.canvas.width = pitch * this.width;
    this.canvas.height = pitch * this.height;
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    this.canvas.dataset.pitch = pitch;
    this.shown = null;
    this.draw();
  }

  draw() {
    if (!this.bits || !this.pitch) return;
    const context = this.canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    if (!this.shown) {
      context.fillStyle = "#0d0605";
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
    const lamps = COLOURS.map(([edge, core]) => this.sprite(edge, core));
    for (let place = 0; place < this.bits.length; place += 1) {
      if (this.shown && this.shown[place] === this.bits[place]) continue;
      const x = (place % this.width) * this.pitch;
      const y = Math.floor(place / this.width) * this.pitch;
      context.drawImage(lamps[this.bits[place]], x, y);
    }
    this.shown = this.bits;
  }

  sprite(edge, core) {
    const size = this.pitch;
    const canvas = el("canvas", { width: size, height: size });
    const context = canvas.getContext("2d", { alpha: false });
    context.fillStyle = "#0d0605";
    context.fillRect(0, 0, size, size);
    if (size < 3) {
      // Too small for a circle: one bright dot that fades to the right and down keeps the grain of the panel.
      for (const [x, y, share] of [[0, 0, 1], [1, 0, 0.62], [0, 1, 0.62], [1, 1, 0.3]]) {
        context.globalAlpha = share;
        context.fillStyle = edge;
        context.fillRect(x, y, 1, 1);
      }
      return canvas;
    }
    const light = context.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2);
    light.addColorStop(0, core);
    light.addColorStop(0.75, edge);
    context.fillStyle = light;
    context.beginPath();
    context.arc(size / 2, size / 2, size * 0.46, 0, 2 * Math.PI);
    context.fill();
    return canvas;
  }
}
