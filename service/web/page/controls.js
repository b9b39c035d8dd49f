/** What controls want of a list: in numbers, in words, and as bars. The receipt has the last word. */

import { h, hue } from "./dom.js";

/** @type {Record<Op, string>} */
const HOW = { "<=": "at most", ">=": "at least", "~": "about" };
export const OPS = /** @type {Op[]} */ (Object.keys(HOW));
/** @param {Op} op */
export const inWords = (op) => HOW[op];

/**
 * The least and the most items that a share allows in a list of k.
 * @type {Quota}
 */
export function quota({ op, percent }, k) {
	const part = (percent * k) / 100;
	if (op === "<=") return [0, Math.floor(part)];
	if (op === ">=") return [Math.ceil(part), k];
	const near = Math.floor(part + 0.5);
	return [near, near];
}

export function bounds(low = 0, high = 0, k = 0) {
	if (low === high) return low === 0 ? "none" : low === k ? `all ${k}` : `exactly ${low}`;
	return low === 0 ? `at most ${high}` : high === k ? `at least ${low}` : `${low} to ${high}`;
}

/**
 * The controls of an intent before there is a receipt: `got` is counted from what has come.
 * @type {Wanted}
 */
export function wanted(intent, items, k) {
	const having = (/** @type {string[]} */ names) => items.filter((item) => item.categories.some((name) => names.includes(name))).length;
	/** @type {Gauge[]} */
	const found = [];
	/** @param {string[]} names */
	const add = (label = "", names, low = 0, high = 0) => { found.push({ label, names, low, high, got: having(names), k }); };
	if (intent.include?.length) add(`only ${intent.include.join(" or ")}`, intent.include, k, k);
	for (const name of intent.exclude ?? []) add(`nothing of ${name}`, [name], 0, 0);
	for (const each of intent.shares ?? []) {
		// Counted as the service does: a share of 0.07 is 7 in a hundred, and not a hair more.
		const percent = Number((each.share * 100).toFixed(6));
		add(`${each.category}: ${HOW[each.op]} ${Math.round(percent * 10) / 10}%`, [each.category], ...quota({ op: each.op, percent }, k));
	}
	return found;
}

/**
 * The controls as a receipt has them.
 * @type {Accounted}
 */
export function accounted(controls, k, relaxed = false) {
	return controls.map((control) => {
		const [, op, number] = /** @type {string[]} */ (/^(<=|>=|=)(\d+)$/.exec(control.want));
		const most = Number(number);
		const label = {
			include: `only ${control.category}`,
			exclude: `nothing of ${control.category}`,
			share: `${control.category}: ${control.op && HOW[control.op]} ${Math.round(Number(control.share) * 1000) / 10}%`,
		}[control.kind];
		return {
			label, names: control.categories, got: control.got, holds: control.holds, k, relaxed,
			low: op === "<=" ? 0 : most, high: op === ">=" ? k : most,
		};
	});
}

/**
 * A bar for each control: how many it wants, how many there are.
 * @param {Gauge[]} controls
 */
export function gauges(controls) {
	return controls.length ? h("ul", { class: "gauges", "aria-label": "Controls, wanted and got" }, controls.map(gauge)) : null;
}

/** @param {Gauge} control */
function gauge({ label, names, low, high, got, holds, k, relaxed }) {
	const state = holds === undefined ? "open" : holds ? "holds" : relaxed ? "relaxed" : "broken";
	const count = Math.max(k, got, 1);
	const mark = { open: "…", holds: "✓", broken: "✗", relaxed: "○" }[state];
	const said = `${got} of ${k}, wanted ${bounds(low, high, k)}`;
	return h("li", { class: `gauge ${state}`, "--hue": hue(names[0]) },
		h("span", { class: "name" }, label),
		h("span", { class: "said" }, h("b", { "aria-hidden": "true" }, mark), ` ${said}`, holds === false && (relaxed ? ": let go" : ": broken")),
		h("span", { class: "bar", "aria-hidden": "true", "--low": low / count, "--high": Math.min(high, count) / count, "--got": got / count },
			h("i", { class: "band" }), h("i", { class: "fill" })));
}
