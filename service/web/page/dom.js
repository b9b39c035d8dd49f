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
	const button = h("button", { class: "copy" }, label);
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

/**
 * Hues that are told apart at a glance, none of them the red of what is broken; each far from the one before.
 */
const HUES = [265, 145, 55, 325, 205, 85, 295, 175, 355, 115, 235];
/** @type {Map<string, number>} */
const seen = new Map();
/** @type {number[]} */
const given = [];
/** @type {Set<string>} */
let bounded = new Set();

/** How unwelcome a hue is for one more: least where a control has it, then where many have it. */
const taken = (which = 0) => {
	const names = [...seen].filter(([, place]) => given[place] === which).map(([name]) => name);
	return names.length + (names.some((name) => bounded.has(name)) ? seen.size : 0);
};

/** @param {number[]} from */
const freest = (from) => from.reduce((best, each) => (taken(each) < taken(best) ? each : best));

function colour(place = 0, which = 0) {
	given[place] = which;
	document.documentElement.style.setProperty(`--hue-${place}`, String(HUES[which]));
}

/** A category has one hue wherever it is shown: one that is free, as long as there is one. */
export function hue(name = "") {
	if (!name) return "260";
	let place = seen.get(name);
	if (place === undefined) {
		const which = freest([...HUES.keys()]);
		place = seen.size;
		seen.set(name, place);
		colour(place, which);
	}
	return `var(--hue-${place})`;
}

/**
 * Have the controls' categories differ, as many as there are hues; wherever they are shown, they change with it.
 * @param {string[]} names the most important first
 */
export function apart(names) {
	const first = [...new Set(names)].slice(0, HUES.length);
	bounded = new Set(first);
	/** @type {Set<number>} */
	const used = new Set();
	for (const name of first) {
		hue(name);
		const place = seen.get(name) ?? 0;
		if (used.has(given[place])) colour(place, freest([...HUES.keys()].filter((which) => !used.has(which))));
		used.add(given[place]);
	}
}
