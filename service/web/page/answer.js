/** Questions: how one was read, what helped, and the answer. */

import { post } from "./api.js";
import { byId, chosen, duration, fill, folded, h, leave, say } from "./dom.js";
import { fault } from "./faults.js";
import { json, prompt, waterfall } from "./inside.js";
import { snippets } from "./snippets.js";
import { account, thinking, thought } from "./thought.js";
import { words } from "./words.js";

const EXAMPLES = {
	"Multiple choice": "Which of these keeps rain out?\n1. sun hat\n2. waterproof jacket\n3. woollen scarf\n4. sandals",
	Ranking: "Rank these by how well they help someone who sleeps outdoors in winter.\n1. phone case\n2. down sleeping bag\n3. insulated mat\n4. beach towel",
	Retrieval: "Someone searches for 'running shoes for wide feet'. Choose the 2 products that fit best.\n1. wide trail running shoe\n2. leather office shoe\n3. road running shoe, wide fit\n4. running socks",
	Entities: "Extract the colour from this product title.\nTitle: red waterproof running jacket for women",
	Words: "Write one sentence that tells a customer what a headlamp is for.",
};
const TYPES = ["auto", "multiple_choice", "ranking", "retrieval", "generation", "entities"];

export class AnswerView {
	/** @param {Element} panel @param {string?} sidecar */
	constructor(panel, sidecar) {
		this.out = h("div", { class: "answered" });
		this.question = h("textarea", { id: "question", rows: 7, required: true, maxlength: 200000, ".value": EXAMPLES["Multiple choice"] });
		this.type = h("select", { id: "type" }, TYPES.map((value) => h("option", { value }, value.replace("_", " "))));
		this.cot = thinking("answer-cot", sidecar);
		this.similar = h("input", { id: "similar", type: "number", min: 0, max: 10, placeholder: "as set up" });
		this.halt = h("button", { hidden: true, onclick: () => this.stop() }, "Stop");
		const examples = h("div", { class: "presets", role: "group", "aria-label": "Examples" }, Object.entries(EXAMPLES).map(([name, text]) => h("button", {
			onclick: () => { this.question.value = text; this.type.value = "auto"; this.make(); },
		}, name)));
		const form = h("form", { class: "ask", "aria-label": "A question", onsubmit: (event) => { event.preventDefault(); this.make(); } },
			h("p", { class: "hint" }, "An answer always has its form; how true it is depends on the model. Examples:"), examples,
			h("label", { for: "question" }, "Question, options and all"), this.question,
			h("div", { class: "fields" },
				h("div", {}, h("label", { for: "type" }, "Kind of answer"), this.type),
				h("div", {}, h("label", { for: "answer-cot" }, "Thinking first"), this.cot),
				h("div", {}, h("label", { for: "similar" }, "Similar options shown"), this.similar)),
			h("div", { class: "actions" }, h("button", { type: "submit", class: "main", id: "ask" }, "Answer"), this.halt), words("answer"));
		panel.append(form, this.out);
	}

	get body() {
		/** @type {Ask} */
		const body = {
			question: this.question.value, inside: true,
			...(this.type.value === "auto" ? {} : { type: chosen(this.type) }),
			...(this.cot.value === "auto" ? {} : { cot: chosen(this.cot) }),
			...(this.similar.value === "" ? {} : { similar: Number(this.similar.value) }),
		};
		return body;
	}

	stop() {
		this.asking?.abort();
	}

	async make() {
		this.stop();
		const asking = new AbortController();
		this.asking = asking;
		const body = this.body;
		this.#busy(true);
		leave(this.out);
		fill(this.out, h("p", { class: "status" }, "Reading the question …"));
		try {
			this.#show(await post("answer", body, asking.signal), body);
		} catch (error) {
			if (asking !== this.asking) return;
			if (error.name === "AbortError") fill(this.out, h("p", { class: "status" }, "Stopped."));
			else fill(this.out, fault(error, { again: () => this.make() }), snippets("answer", body));
		} finally {
			if (asking === this.asking) this.#busy(false);
		}
	}

	#busy(is = false) {
		byId("panel-answer").setAttribute("aria-busy", String(is));
		if (!is) leave(this.halt, byId("ask"));
		this.halt.hidden = !is;
	}

	/** @param {Answered} made @param {Ask} body */
	#show(made, body) {
		const { inside } = made;
		const near = made.supplements.find(({ kind }) => kind === "similar");
		const by = { llm: `the model (${made.model})`, similar: "similarity alone", only: "there was only one" }[made.path];
		say(`The answer is ${made.text}`);
		fill(this.out,
			h("h2", {}, "Answer"), h("p", { class: "given" }, made.text),
			h("p", { class: "status" }, `${made.type.replace("_", " ")} by ${by} in ${duration(made.timings.total)}; ${made.why}`, made.degraded && h("span", { class: "warn" }, ` · degraded: ${missed(made.supplements)}`)),
			options(made, near),
			h("div", { class: "helped" },
				thought(made.supplements),
				h("section", { "aria-label": "Similar" }, h("h3", {}, "Similar"), near?.text ? h("p", {}, near.text) : null, h("p", { class: "hint" }, account(near)))),
			h("section", { class: "made", "aria-label": "How it was made" }, inside && waterfall(inside.stages, made.timings.total)),
			inside && folded("answer-prompt", "The prompt", prompt(inside.prompt)),
			folded("answer-read", "How it was read", reading(made.read)),
			snippets("answer", body), json("answer-json", made));
	}
}

/**
 * What should have helped, and did not.
 * @param {Help[]} supplements
 */
function missed(supplements) {
	const idle = supplements.filter(({ used }) => !used).map(({ kind, why }) => `${kind === "thought" ? "no chain of thought" : "no similarity"} (${why})`);
	return idle.join(", ") || "something came too late";
}

/**
 * The options in the order of the answer, those that it names first.
 * @param {Answered} made @param {Help} [near]
 */
function options(made, near) {
	const { choice, ranking, selection } = made.answer;
	const named = choice ? [choice] : ranking ?? selection ?? [];
	if (!made.read.options.length) return null;
	const place = ({ label = "" }) => (named.includes(label) ? named.indexOf(label) : named.length);
	const ordered = [...made.read.options].sort((one, other) => place(one) - place(other));
	return h("ol", { class: "lines options", "aria-label": "Options" }, ordered.map((option) => {
		const taken = named.includes(option.label);
		const score = near?.scores?.[option.label];
		return h("li", { class: taken ? "line taken" : "line" },
			h("span", { class: "place" }, option.label),
			h("div", { class: "what" }, h("span", { class: "title" }, option.text)),
			h("div", { class: "marks" },
				score !== undefined && h("span", { class: "near", "--got": Math.max(0, Math.min(1, score)) }, h("i", { "aria-hidden": "true" }), "near ", score.toFixed(2)),
				taken && h("span", { class: "note" }, ranking ? `place ${named.indexOf(option.label) + 1}` : "chosen")));
	}));
}

/** @param {Api.QuestionRead} read */
function reading(read) {
	const said = [["what is asked", read.stem], ["compared with", read.focus], ["taken from", read.source], ["looked for", read.target], ["at most", read.max_words && `${read.max_words} words`], ["notes", read.notes.join("; ")]];
	return h("dl", {}, said.filter(([, value]) => value).map(([name, value]) => h("div", { class: "entry" }, h("dt", {}, name), h("dd", {}, value))));
}
