/** The receipt: what was promised, what is there, who made it. */

import { post } from "./api.js";
import { accounted, bounds } from "./controls.js";
import { fill, h, say, unique } from "./dom.js";
import { fault } from "./faults.js";
import { words } from "./words.js";

/** @type {Row} */
const row = (name, value, good) => h("div", { class: "entry" }, h("dt", {}, name),
	h("dd", { class: good === undefined ? "" : good ? "good" : "bad" }, good === undefined ? null : h("b", { "aria-hidden": "true" }, good ? "✓ " : "✗ "), value));

/**
 * What is known of something, a line each; what is null or empty is left out.
 * @param {Record<string, Child>} said
 */
export const entries = (said) => h("dl", {}, Object.entries(said).filter(([, value]) => value || value === 0).map(([name, value]) => row(name, value)));

/**
 * Controls in the words of their bars.
 * @param {Control[]} controls
 */
const kept = (controls, k = 0, relaxed = false) => accounted(controls, k, relaxed).map(({ label, low, high, got, holds }) =>
	row(relaxed ? `let go: ${label}` : label, `${got}, wanted ${bounds(low, high, k)}`, relaxed ? undefined : holds));

/**
 * `order` is what was asked: whoever verifies has to know for whom.
 * @param {List} answer @param {Pick<Order, "user_id" | "history">} order
 */
export function receipt(answer, { user_id, history }) {
	const said = answer.receipt;
	const whom = history ? { history } : user_id ? { user_id } : {};
	const checked = h("div", { class: "checked" });
	const title = unique("receipt");
	const { unknown } = said.history;
	return h("section", { class: "receipt", "aria-labelledby": title },
		h("h2", { id: title }, "Receipt"),
		h("dl", {},
			row("exist", `${said.exists} of ${said.k}`, said.exists === said.k),
			row("stand there twice", said.repeats || "none", said.repeats === 0),
			row("in the history", `${said.in_history || "none"} of ${said.history.used}`, said.in_history === 0),
			unknown > 0 && row("of the history unknown", `${unknown}: not in this catalogue`),
			kept(said.controls, said.k),
			kept(said.relaxed, said.k, true)),
		entries({
			"made by": `${said.path}, ${said.strategy}`, why: said.why, model: said.model, prompt: said.prompt, "prior weight": said.prior_weight,
			"how much the words count": said.wish_weight !== 1 && `${said.wish_weight} times as tuned`, retrievers: said.retrievers.join(", "), ranker: said.ranker, repaired: said.repaired,
			variant: said.variant !== "default" && said.variant, origin: answer.origin !== "made" && answer.origin, catalogue: said.catalogue, request: answer.request_id,
		}),
		h("p", { class: "actions" }, h("button", { onclick: () => verify(answer, whom, checked) }, "Verify")),
		checked, words("receipt"));
}

/** @param {List} answer @param {object} whom @param {Element} shown */
async function verify(answer, whom, shown) {
	fill(shown, h("p", {}, "The server reads the list again …"));
	try {
		const found = await post("verify", { answer, ...whom });
		const title = found.holds ? "It holds" : "It does not hold";
		const about = found.holds
			? `Every line was read again, and all that can be counted was counted, from catalogue ${found.catalogue}.`
			: found.problems.join("; ");
		const notes = found.notes ?? [];
		fill(shown, h("p", { class: found.holds ? "good" : "bad" }, h("b", {}, `${found.holds ? "✓" : "✗"} ${title}. `), about), notes.map((note) => h("p", { class: "hint" }, `Note: ${note}`)));
		say([`${title}. ${about}`, ...notes].join(" "));
	} catch (error) {
		fill(shown, fault(error));
	}
}
