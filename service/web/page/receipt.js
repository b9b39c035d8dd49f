/** The receipt: what was promised, what is there, who made it. */

import { post } from "./api.js";
import { fill, h, say } from "./dom.js";
import { fault } from "./faults.js";
import { words } from "./words.js";

/** @type {Row} */
const row = (name, value, good) => h("div", { class: "entry" }, h("dt", {}, name),
	h("dd", { class: good === undefined ? "" : good ? "good" : "bad" }, good === undefined ? null : h("b", { "aria-hidden": "true" }, good ? "✓ " : "✗ "), value));

/** @param {List} answer @param {object} whom */
export function receipt(answer, whom) {
	const said = answer.receipt;
	const checked = h("div", { class: "checked", role: "status" });
	return h("section", { class: "receipt", "aria-labelledby": "receipt-title" },
		h("h2", { id: "receipt-title" }, "Receipt"),
		h("dl", {},
			row("exist", `${said.exists} of ${said.k}`, said.exists === said.k),
			row("stand there twice", said.repeats, said.repeats === 0),
			row("in the history", `${said.in_history} of ${said.history.used}`, said.in_history === 0),
			said.controls.map((control) => row(`${control.kind} ${control.category}`, `${control.got}, wanted ${control.want}`, control.holds)),
			said.relaxed.map((control) => row(`let go: ${control.kind} ${control.category}`, `${control.got}, wanted ${control.want}`))),
		h("dl", {},
			row("made by", `${said.path}, ${said.strategy}`),
			row("why", said.why),
			said.model && row("model", said.model),
			said.prompt && row("prompt", said.prompt),
			row("prior weight", said.prior_weight),
			row("retrievers", said.retrievers.join(", ")),
			said.ranker && row("ranker", said.ranker),
			row("repaired", said.repaired),
			said.variant !== "default" && row("variant", said.variant),
			answer.origin !== "made" && row("origin", answer.origin),
			row("catalogue", said.catalogue),
			row("request", answer.request_id)),
		h("p", { class: "actions" }, h("button", { id: "verify", onclick: () => verify(answer, whom, checked) }, "Verify")),
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
		fill(shown, h("p", { class: found.holds ? "good" : "bad" }, h("b", {}, `${found.holds ? "✓" : "✗"} ${title}. `), about));
		say(`${title}. ${about}`);
	} catch (error) {
		fill(shown, fault(error));
	}
}
