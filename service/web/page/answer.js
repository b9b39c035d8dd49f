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
/** In characters: the service reads no more. */
const LONGEST = 32000;
/** In characters: as much of a question as an address holds. */
const KEPT = 2000;
const TYPES = ["auto", "multiple_choice", "ranking", "retrieval", "generation", "entities"];

export class AnswerView {
	busy = false;

	/** @param {Element} panel @param {string?} sidecar @param {() => void} kept is called after each change */
	constructor(panel, sidecar, kept) {
		this.out = h("div", { class: "answered" });
		this.question = h("textarea", { id: "question", rows: 7, required: true, maxlength: LONGEST, "aria-describedby": "question-full", ".value": EXAMPLES["Multiple choice"] });
		const full = h("p", { class: "hint warn", id: "question-full", role: "status" });
		this.question.addEventListener("input", () => { full.textContent = this.question.value.length < LONGEST ? "" : `${LONGEST.toLocaleString("en")} characters are read at most; what is beyond them is not taken.`; });
		this.type = h("select", { id: "type" }, TYPES.map((value) => h("option", { value }, value.replace("_", " "))));
		this.cot = thinking("answer-cot", sidecar);
		this.similar = h("input", { id: "similar", type: "number", min: 0, max: 10, placeholder: "as set up" });
		this.halt = h("button", { hidden: true, onclick: () => this.stop() }, "Stop");
		const examples = h("div", { class: "presets", role: "group", "aria-label": "Examples" }, Object.entries(EXAMPLES).map(([name, text]) => h("button", {
			onclick: () => { this.question.value = text; this.type.value = "auto"; kept(); this.make(); },
		}, name)));
		const form = h("form", { class: "ask", "aria-label": "A question", onsubmit: (event) => { event.preventDefault(); this.make(); } },
			h("p", { class: "hint" }, "An answer always has its form; how true it is depends on the model. Examples:"), examples,
			h("label", { for: "question" }, "Question, options and all"), this.question, full,
			h("div", { class: "fields" },
				h("div", {}, h("label", { for: "type" }, "Kind of answer"), this.type),
				h("div", {}, h("label", { for: "answer-cot" }, "Thinking first"), this.cot),
				h("div", {}, h("label", { for: "similar" }, "Similar options shown"), this.similar)),
			h("div", { class: "actions" }, h("button", { type: "submit", class: "main", id: "ask" }, "Answer"), this.halt), words("answer"));
		form.addEventListener("change", kept);
		panel.append(form, this.out);
	}

	/** What an address remembers: a long question would not fit into one. */
	get kept() {
		const question = this.question.value;
		return { ...(question.length <= KEPT ? { question } : {}), type: this.type.value, cot: this.cot.value, similar: this.similar.value };
	}

	/**
	 * Take what an address says, which may be anything.
	 * @param {any} [kept]
	 */
	take(kept) {
		if (typeof kept?.question === "string") this.question.value = kept.question.slice(0, KEPT);
		for (const field of /** @type {const} */ (["type", "cot"])) this[field].value = chosen(this[field], kept?.[field] ?? "") ?? "auto";
		this.similar.value = /^(\d|10)$/.test(kept?.similar) ? kept.similar : "";
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
		this.busy = is;
		dispatchEvent(new CustomEvent("busychange"));
		byId("panel-answer").setAttribute("aria-busy", String(is));
		if (!is) leave(this.halt, byId("ask"));
		this.halt.hidden = !is;
	}

	/** @param {Answered} made @param {Ask} body */
	#show(made, body) {
		const { inside } = made;
		const near = made.supplements.find(({ kind }) => kind === "similar");
		say(`The answer is ${made.text}`);
		fill(this.out,
			h("h2", {}, "Answer"), h("p", { class: "given" }, made.text),
			h("p", { class: "status" }, `${made.type.replace("_", " ")} ${maker(made)} in ${duration(made.timings.total)}`, made.degraded && h("span", { class: "warn" }, ` · degraded: ${missed(made.supplements)}`)),
			options(made, near),
			h("div", { class: "helped" },
				thought(made.supplements),
				h("section", { "aria-label": "Similar" }, h("h3", {}, "Similar"), near?.text ? alike(near.text, made.read.options) : null, h("p", { class: "hint" }, account(near)))),
			h("section", { class: "made", "aria-label": "How it was made" }, inside && waterfall(inside.stages, made.timings.total)),
			inside && folded("answer-prompt", "The prompt", prompt(inside.prompt)),
			folded("answer-read", "How it was read", reading(made.read)),
			snippets("answer", body), json("answer-json", made));
	}
}

/**
 * Who made an answer, and why nobody else.
 * @param {Answered} made
 */
function maker({ path, model, why, completed }) {
	if (path === "only") return "that was the only one to give";
	if (path === "similar") return `by resemblance in meaning, without a model (${why})`;
	return `by the model ${model}${completed ? `, which left ${completed} to resemblance` : ""}`;
}

/**
 * Options by their labels, the nearest first, as what they say; what is no list of labels, as it is.
 * @param {Api.OptionRead[]} options
 */
function alike(text = "", options) {
	const named = text.split(", ").map((label) => options.find((option) => option.label === label));
	if (!named.every(Boolean)) return h("p", {}, text);
	return h("ol", { class: "nearest" }, named.map((option) => h("li", {}, labelled(option))));
}

/** @param {Api.OptionRead} [option] */
const labelled = (option) => [h("span", { class: "label" }, `${option?.label}.`), " ", option?.text];

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
			h("span", { class: "place" }, taken && (ranking ? named.indexOf(option.label) + 1 : "✓")),
			h("div", { class: "what" }, h("span", { class: "title" }, labelled(option))),
			h("div", { class: "marks" },
				score !== undefined && h("span", { class: "near", "--got": Math.max(0, Math.min(1, score)) }, h("i", { "aria-hidden": "true" }), "resemblance ", score.toFixed(2)),
				taken && !ranking && h("span", { class: "note" }, "chosen")));
	}));
}

/** @param {Api.QuestionRead} read */
function reading(read) {
	const said = [["what is asked", read.stem], ["compared with", read.focus], ["taken from", read.source], ["looked for", read.target], ["at most", read.max_words && `${read.max_words} words`], ["notes", read.notes.join("; ")]];
	return h("dl", {}, said.filter(([, value]) => value).map(([name, value]) => h("div", { class: "entry" }, h("dt", {}, name), h("dd", {}, value))));
}
