/** Who thinks before something is made, and what came of it: for lists and for answers. */

import { duration, h } from "./dom.js";

const THINKING = { auto: "as set up", self: "by the model itself", sidecar: "by the sidecar", off: "not at all" };

/**
 * Who may be had to think; a sidecar only where there is one.
 * @param {string?} sidecar @param {Attributes} [more]
 */
export const thinking = (id = "", sidecar, more = {}, before = "") => h("select", { id, ...more },
	Object.entries(THINKING).map(([value, text]) => h("option", { value, disabled: value === "sidecar" && !sidecar }, before + text)));

/** @param {Help} [supplement] */
export function account(supplement) {
	if (!supplement) return "It was not asked.";
	const by = supplement.model ? ` (${supplement.model}, ${supplement.cached ? "known from before" : duration(supplement.milliseconds)})` : "";
	return `${supplement.used ? "Used" : "Not used"}: ${supplement.why}${by}`;
}

/**
 * The chain of thought, or why there is none.
 * @param {Help[]} [supplements]
 */
export function thought(supplements = []) {
	const found = supplements.find(({ kind }) => kind === "thought");
	return h("section", { class: "thought", "aria-label": "Chain of thought" }, h("h3", {}, "Chain of thought"),
		found?.text && h("blockquote", {}, found.text), h("p", { class: "hint" }, account(found)));
}
