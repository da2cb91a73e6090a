// Elements, requests, notices: what every part of the page is made with.

export function el(name, options = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (key === "class") made.className = value;
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const ICONS = {
  plug: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  power: "M12 3v8M6.3 6.8a8 8 0 1 0 11.4 0",
  trouble: "M12 4 2.8 20h18.4zM12 10v5M12 17.6v.4",
  play: "M8 5v14l11-7z",
  cross: "M6 6l12 12M18 6 6 18",
  bolt: "M13 2 4 14h7l-1 8 9-12h-7z",
  pause: "M8 5v14M16 5v14",
};

export function icon(name) {
  const path = svg("path", { d: ICONS[name] });
  return svg("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" }, path);
}

export function notice(text) {
  const made = el("div", { class: "notice" }, text);
  document.getElementById("notices").append(made);
  setTimeout(() => made.remove(), 6000);
}

/** Says what went wrong in a notice; true when it was done. */
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return true;
    notice(await answer.text());
  } catch (error) {
    notice(String(error));
  }
  return false;
}

export const act = (device, action, values = {}) => post("/act", { device, action, values });
