/** How an answer was made: stages, prompt, who was considered. */

import { duration, folded, h } from "./dom.js";

/**
 * When each stage began and how long it took: a small waterfall.
 * @param {Stage[]} stages
 */
export function waterfall(stages, total = 0) {
	const whole = Math.max(total, 0.001, ...stages.map((stage) => stage.began + stage.milliseconds));
	return h("table", { class: "waterfall" },
		h("caption", {}, `Stages, ${duration(total)} in all`),
		h("thead", {}, h("tr", {}, ["Stage", "When", "Took"].map((name) => h("th", { scope: "col", class: name === "Took" && "number" }, name)))),
		h("tbody", {}, stages.map(({ name, began, milliseconds }) => h("tr", {},
			h("th", { scope: "row" }, name),
			h("td", { class: "when" }, h("i", { "--from": began / whole, "--for": milliseconds / whole }), h("span", { class: "visually-hidden" }, `begins at ${duration(began)}`)),
			h("td", { class: "number" }, duration(milliseconds))))));
}

/** @param {Api.PromptShown?} shown */
export function prompt(shown) {
	if (!shown) return h("p", { class: "hint" }, "No model was asked, so there is no prompt.");
	return [
		h("p", { class: "small" }, `Version ${shown.version}`),
		shown.system && [h("h3", {}, "System"), h("pre", { tabindex: 0 }, shown.system)],
		h("h3", {}, "User"), h("pre", { tabindex: 0 }, shown.user),
	];
}

/**
 * The best that the plan allowed, by what each retriever says of them.
 * @param {Api.ConsideredItem[]} items
 */
export function considered(items) {
	if (!items.length) return h("p", { class: "hint" }, "Nobody was considered.");
	const voices = [...new Set(items.flatMap((item) => Object.keys(item.by)))].sort();
	return h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Considered" }, h("table", { class: "considered" },
		h("caption", {}, "The best that the plan allowed before the list was made, and what each retriever says of them",
			voices.includes("similarity") && h("span", { class: "hint" }, "Similar items are among them: similarity is how much an item resembles those met last.")),
		h("thead", {}, h("tr", {}, ["Item", "Prior", ...voices].map((name) => h("th", { scope: "col", class: name !== "Item" && "number" }, name)))),
		h("tbody", {}, items.map((item) => h("tr", {}, h("th", { scope: "row" }, item.title), h("td", { class: "number" }, item.score.toFixed(2)),
			voices.map((voice) => h("td", { class: "number" }, item.by[voice] === undefined ? "–" : item.by[voice].toFixed(2))))))));
}

/** @param {object} value */
export function json(name = "", value) {
	return folded(name, "The whole answer as JSON", h("pre", { tabindex: 0 }, JSON.stringify(value, null, 2)));
}
