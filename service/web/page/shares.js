/** Bounds on how much of the list a category may take: a slider for each. */

import { byId, fill, h, hue } from "./dom.js";
import { bounds, inWords, OPS, quota } from "./controls.js";
import { suggesting } from "./suggest.js";

export const MOST_SHARES = 4;
export const UNKNOWN = "not in this catalogue";
export const START = { op: /** @type {Op} */ ("<="), percent: 30 };

export class Shares {
	/**
	 * `find` completes categories; `changed` is called after each change.
	 * @param {Wishes} wishes @param {Find} find @param {() => void} changed
	 */
	constructor(wishes, find, changed) {
		this.wishes = wishes;
		this.changed = changed;
		/** @type {Bound[]} */
		this.drawn = [];
		this.rows = h("ul", { class: "shares", "aria-label": "Shares" });
		const { field, input } = suggesting({
			label: "Bound the share of", placeholder: "a category", find,
			pick: ({ value }) => this.#add(value),
		});
		this.trial = h("p", { class: "trial" });
		this.field = field;
		this.input = input;
		byId("shares").append(this.rows, field);
	}

	/**
	 * One to begin with: a bound on what the list holds much of.
	 * @param {string?} category
	 */
	suggest(category) {
		const taken = this.wishes.shares.length;
		fill(this.trial, !taken && category && h("button", { class: "quiet", onclick: () => this.#add(category) }, `Try: ${inWords(START.op)} ${START.percent}% ${category}`));
	}

	#add(category = "") {
		this.#set([...this.wishes.shares, { category, ...START }]);
		this.#inputs("input").at(-1)?.focus();
	}

	/** @param {Bound[]} shares */
	#set(shares) {
		fill(this.trial);
		this.wishes.shares = shares;
		this.draw();
		this.changed();
	}

	/** The categories are others: the rows say which of theirs are there. */
	renew() {
		this.drawn = [];
		this.draw();
	}

	/** Rows are drawn anew only if others are there: a slider that is moved must stay the same element. */
	draw() {
		const { shares, k } = this.wishes;
		if (shares.length !== this.drawn.length || shares.some((share, place) => share !== this.drawn[place])) {
			fill(this.rows, shares.map((share) => this.#row(share)));
			this.drawn = [...shares];
		}
		const [sliders, ops, outputs] = [this.#inputs("input"), this.#inputs("select"), this.#inputs("output")];
		shares.forEach((share, place) => {
			const said = `${share.percent}%: ${bounds(...quota(share, k), k)} of ${k}`;
			outputs[place].textContent = said;
			ops[place].value = share.op;
			sliders[place].value = String(share.percent);
			sliders[place].setAttribute("aria-valuetext", said);
		});
		this.field.hidden = shares.length >= MOST_SHARES;
	}

	/** @template {keyof HTMLElementTagNameMap} Tag @param {Tag} tag */
	#inputs(tag) {
		return [...this.rows.querySelectorAll(tag)];
	}

	/** @param {Bound} share */
	#row(share) {
		const { category } = share;
		const dropped = () => { this.#set(this.wishes.shares.filter((each) => each !== share)); this.input.focus(); };
		return h("li", { class: "share", "--hue": hue(category) },
			h("span", { class: "name" }, category, !this.wishes.known(category) && h("small", { class: "bad" }, ` (${UNKNOWN})`)),
			h("select", { "aria-label": `How ${category} is bounded`, onchange: ({ target }) => { share.op = target.value; this.draw(); this.changed(); } }, OPS.map((op) => h("option", { value: op }, inWords(op)))),
			h("button", { "aria-label": `Remove the share of ${category}`, onclick: dropped }, "×"),
			h("input", { type: "range", min: 0, max: 100, step: 5, "aria-label": `Share of ${category} in percent`, oninput: ({ target }) => { share.percent = Number(target.value); this.draw(); }, onchange: () => this.changed() }),
			h("output", {}));
	}
}
