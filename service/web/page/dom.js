/** Elements. Text stays text, whatever it holds: nothing here is ever read as HTML. */

/** @type {ById} */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * An element with attributes, listeners (`onclick`), properties (`.value`) and children.
 * @type {Make}
 */
export function h(tag, attributes = {}, ...children) {
	const made = document.createElement(tag);
	// A button in a form sends it, unless it says otherwise.
	if (tag === "button") made.setAttribute("type", "button");
	for (const [name, value] of Object.entries(attributes)) {
		if (value === undefined || value === null || value === false) continue;
		if (name.startsWith("on")) made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
		else if (name.startsWith("--")) made.style.setProperty(name, String(value));
		else if (name.startsWith(".")) Object.assign(made, { [name.slice(1)]: value });
		else made.setAttribute(name, value === true ? "" : String(value));
	}
	made.append(...there(children));
	return made;
}

/**
 * What of the children there is: `condition && child` leaves nothing behind.
 * @param {any[]} children
 */
const there = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/**
 * Have an element hold these children and no others.
 * @type {(element: Element, ...children: Child[]) => void}
 */
export const fill = (element, ...children) => element.replaceChildren(...there(children));

/**
 * Before a part goes: if it has the focus, that goes elsewhere, or it would be lost.
 * @param {Element} part @param {HTMLElement} to
 */
export function leave(part, to = byId("results")) {
	if (part.contains(document.activeElement)) to.focus();
}

/**
 * What a field says, or what it would say of a value; nothing, where that cannot be chosen.
 * @type {Choose}
 */
export const chosen = ({ options }, wanted) => {
	const found = [...options].find(({ value, selected, disabled }) => (wanted === undefined ? selected : value === String(wanted) && !disabled));
	return /** @type {any} */ (found?.value);
};

let made = 0;
/** An id that no other element has. */
export const unique = (stem = "") => `${stem}-${(made += 1)}`;

/** Say something to who listens to the page. */
export function say(text = "") {
	byId("spoken").textContent = text;
}

const opened = new Map();
/**
 * A part that opens, and whether it is open survives the next drawing.
 * @param {Child} children
 */
export function folded(name = "", title = "", children, kind = "folded") {
	const part = h("details", { class: kind, open: opened.get(name) }, h("summary", {}, title), children);
	part.addEventListener("toggle", () => opened.set(name, part.open));
	return part;
}

/**
 * A button that copies a text, which an element shows, and says so.
 * @param {Element} shown
 */
export function copying(label = "", text = "", shown) {
	const button = h("button", { class: "quiet" }, label);
	button.addEventListener("click", async () => {
		const copied = await copy(text);
		if (!copied) getSelection()?.selectAllChildren(shown);
		button.textContent = copied ? "Copied" : "Press Ctrl+C";
		say(copied ? `${label}: copied` : "The text is selected, press Ctrl+C");
		setTimeout(() => { button.textContent = label; }, 1600);
	});
	return button;
}

async function copy(text = "") {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false; // Only pages from https or loopback may write there.
	}
}

export const plural = (count = 0, one = "", many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Milliseconds as people say them. */
export function duration(milliseconds = 0) {
	if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
	return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A category has one hue wherever it is shown, from its name alone: no list of them is known beforehand. */
export function hue(name = "") {
	let mixed = 2166136261;
	for (const letter of name) mixed = Math.imul(mixed ^ Number(letter.codePointAt(0)), 16777619);
	return ((mixed ^ (mixed >>> 15)) >>> 0) % 360;
}
