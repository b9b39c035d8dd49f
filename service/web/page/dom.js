/** Elements. Text stays text, whatever it holds: nothing here is ever read as HTML. */

export const byId = (id) => document.getElementById(id);

/** An element with attributes, listeners (`onclick`), properties (`.value`) and children. */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) made.style.setProperty(name, value);
    else if (name.startsWith(".")) made[name.slice(1)] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...there(children));
  return made;
}

/** What of the children there is: `condition && child` leaves nothing behind. */
const there = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** Have an element hold these children and no others. */
export const fill = (element, ...children) => element.replaceChildren(...there(children));

/** Before a part goes: if it has the focus, that goes elsewhere, or it would be lost. */
export function leave(part, to = byId("results")) {
  if (part.contains(document.activeElement)) to.focus();
}

let made = 0;
/** An id that no other element has. */
export const unique = (stem) => `${stem}-${(made += 1)}`;

/** Say something to who listens to the page. */
export function say(text) {
  byId("spoken").textContent = text;
}

/** A part that opens, and whether it is open survives the next drawing. */
const opened = new Map();
export function folded(name, title, children, open = false) {
  const is = opened.get(name) ?? open;
  const part = h("details", { class: "folded", open: is }, h("summary", {}, title), children);
  part.addEventListener("toggle", () => opened.set(name, part.open));
  return part;
}

/** A button that copies a text, which an element shows, and says so. */
export function copying(label, text, shown) {
  const button = h("button", { type: "button", class: "quiet" }, label);
  button.addEventListener("click", async () => {
    const copied = await copy(text);
    if (!copied) getSelection().selectAllChildren(shown);
    button.textContent = copied ? "Copied" : "Press Ctrl+C";
    say(copied ? `${label}: copied` : "The text is selected, press Ctrl+C");
    setTimeout(() => { button.textContent = label; }, 1600);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // Only pages from https or loopback may write there.
  }
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Milliseconds as people say them. */
export function duration(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
