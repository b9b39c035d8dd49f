/** The lines of a list. */

import { folded, h, hue } from "./dom.js";

const FROM = { llm: "model", ranked: "ranker", popular: "popular", repair: "repair" };
const LONG = 240;

/** @param {string[]} categories */
const dots = (categories) => h("ul", { class: "cats", "aria-label": "Categories" },
	categories.map((name) => h("li", { class: "dotted", "--hue": hue(name) }, name)));

/**
 * A line of a list that keeps its promise.
 * @param {Item} item @param {string?} note
 */
export function line(item, place = 0, note = null) {
	return h("li", { class: "line", "--hue": hue(item.categories[0]) },
		h("span", { class: "place", "aria-hidden": "true" }, place),
		h("div", { class: "what" },
			h("span", { class: "title" }, item.title),
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
			h("span", { class: "title" }, said.slice(0, LONG), said.length > LONG && " …"),
			said.length > LONG && folded("long", "The whole line", said),
			dots(written.categories),
			written.amiss.map(({ message }) => h("p", { class: "amiss" }, h("b", { "aria-hidden": "true" }, "✗ "), message))),
		h("div", { class: "marks" }, h("span", { class: "source free" }, "model"), note && h("span", { class: "note" }, note)));
}

/** A place in the list that is yet to be filled. */
export const open = (place = 0) => h("li", { class: "line open", "aria-hidden": "true" }, h("span", { class: "place" }, place), h("div", { class: "what" }, h("span", { class: "title" }, "\u00a0")));
