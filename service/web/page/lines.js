/** The lines of a list. */

import { folded, h, hue } from "./dom.js";

const FROM = { llm: "model", ranked: "retrievers", popular: "popular", repair: "repair" };
const LONG = 240;

/** @param {string[]} categories */
const dots = (categories) => h("ul", { class: "cats", "aria-label": "Categories" },
	categories.map((name) => h("li", { class: "dotted", "--hue": hue(name) }, name)));

/** What a line is called; of what is very long the beginning, and the rest on a press. */
const titled = (said = "", whole = "") => [
	h("span", { class: "title" }, said.slice(0, LONG), said.length > LONG && " …"),
	said.length > LONG && folded(`long-${said}`, whole, said),
];

/** Titles that look the same, whatever their case. */
const alike = (one = "", other = "") => one.trim().toLowerCase() === other.trim().toLowerCase();

/**
 * The lines of a list that keeps its promise; who shares a title with another has its id beside it.
 * @param {Item[]} items @param {Note} [note]
 */
export const lines = (items, note = () => null) => items.map((item, place) => line(item, place + 1, note(item.id), items));

/**
 * A line of such a list.
 * @param {Item} item @param {string?} note @param {Item[]} among
 */
function line(item, place = 0, note = null, among = []) {
	const twins = among.filter(({ title }) => alike(title, item.title)).length > 1;
	return h("li", { class: "line", "--hue": hue(item.categories[0]) },
		h("span", { class: "place", "aria-hidden": "true" }, place),
		h("div", { class: "what" },
			titled(item.title, "The whole title"),
			twins && h("span", { class: "id small" }, `id ${item.id}`),
			dots(item.categories),
			item.reason && h("p", { class: "why" }, item.reason)),
		h("div", { class: "marks" },
			h("span", { class: `source ${item.source}` }, FROM[item.source]),
			note && h("span", { class: "note" }, note)));
}

/**
 * A line that a model wrote freely, with what is amiss.
 * @param {FreeLine} written @param {string?} note
 */
export function writtenLine(written, place = 0, note = null) {
	const bad = written.amiss.length > 0;
	const said = written.title ?? written.text;
	return h("li", { class: bad ? "line broken" : "line", "--hue": hue(written.categories[0]) },
		h("span", { class: "place", "aria-hidden": "true" }, place),
		h("div", { class: "what" },
			titled(said, "The whole line"),
			dots(written.categories),
			written.amiss.map(({ message }) => h("p", { class: "amiss" }, h("b", { "aria-hidden": "true" }, "✗ "), message))),
		h("div", { class: "marks" }, h("span", { class: "source free" }, "model"), note && h("span", { class: "note" }, note)));
}

/**
 * Shows the item that came last; who shares its title is told from it, and no other line changes.
 * @param {Element} list @param {Item[]} items
 */
export function put(list, items) {
	const last = items[items.length - 1];
	items.forEach((item, place) => {
		if (!alike(item.title, last.title)) return;
		const drawn = line(item, place + 1, null, items);
		if (list.children[place]) list.children[place].replaceWith(drawn);
		else list.append(drawn);
	});
}

/** A place in the list that is yet to be filled. */
export const open = (place = 0) => h("li", { class: "line open", "aria-hidden": "true" }, h("span", { class: "place" }, place), h("div", { class: "what" }, h("span", { class: "title" }, "\u00a0")));
