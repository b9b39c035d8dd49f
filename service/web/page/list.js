/** One list: it grows line by line, then shows its receipt and how it was made. */

import { ApiError, catalogueSeen, streamed } from "./api.js";
import { accounted, gauges, wanted } from "./controls.js";
import { byId, duration, fill, folded, h, leave, plural, say } from "./dom.js";
import { fault } from "./faults.js";
import { considered, json, prompt, waterfall } from "./inside.js";
import { lines, open, put } from "./lines.js";
import { receipt } from "./receipt.js";
import { snippets } from "./snippets.js";
import { thought } from "./thought.js";
import { words } from "./words.js";

const BRIEF = 40;

/**
 * Asks for a list, calling `came(items)` at each line; the answer, or an ApiError.
 * @type {Listed}
 */
export async function listed(body, signal, came) {
	/** @type {Item[]} */
	const items = [];
	let answer = null;
	for await (const { event, data } of streamed("recommend", body, signal)) {
		if (event === "item") {
			items.push(data);
			came(items);
		}
		// The stream is read to its end: to drop it here would be to hang up.
		if (event === "answer") answer = data;
		if (event === "error") throw new ApiError(0, data.error);
	}
	if (answer) {
		catalogueSeen(answer.receipt.catalogue);
		return answer;
	}
	throw new ApiError(0, { message: "The stream ended before the list was whole.", hint: "Try again." });
}

export class ListView {
	busy = false;
	/** How many lines of the list that is being made are shown. */
	came = 0;

	/** @param {Element} panel @param {Wishes} wishes @param {() => void} kept is called when the form has changed of itself */
	constructor(panel, wishes, kept) {
		this.panel = panel;
		this.wishes = wishes;
		this.kept = kept;
		this.status = h("p", { class: "status" });
		this.amiss = h("div", { class: "common" });
		this.bars = h("div", {});
		this.lines = h("ol", { class: "lines", "aria-label": "The list" });
		this.after = h("div", { class: "after" });
		panel.append(this.status, wishes.bounded.trial, this.amiss, this.bars, this.lines, this.after);
	}

	/** @returns {Order} */
	get body() {
		return { ...this.wishes.asked, ...this.wishes.how, explain: true, inside: true, stream: true };
	}

	stop() {
		this.asking?.abort();
	}

	/** @param {Api.RecommendRequest} more */
	async make(more = {}) {
		this.stop();
		const asking = new AbortController();
		this.asking = asking;
		const body = { ...this.body, ...more };
		this.#begin();
		try {
			const answer = await listed(body, asking.signal, (items) => this.#grow(items, body));
			this.#done(answer, body);
		} catch (error) {
			if (asking === this.asking) this.#failed(error, body);
		} finally {
			if (asking === this.asking) this.#busy(false);
		}
	}

	/** Nothing is asked for, and why. */
	none(said = "") {
		this.panel.classList.remove("stale");
		this.panel.setAttribute("aria-busy", "false");
		this.status.textContent = said;
		byId("brief").textContent = "";
		this.#wrong();
		this.#below();
		fill(this.bars);
		fill(this.lines);
	}

	#busy(is = false) {
		this.panel.setAttribute("aria-busy", String(is));
		this.busy = is;
		dispatchEvent(new CustomEvent("busychange"));
	}

	#begin() {
		this.#busy(true);
		this.came = 0;
		this.status.textContent = "Making the list …";
		this.panel.classList.add("stale");
	}

	/** @param {Item[]} items @param {Order} body */
	#grow(items, body) {
		this.panel.classList.remove("stale");
		this.came = items.length;
		if (items.length === 1) {
			this.#wrong();
			fill(this.lines, ...Array.from({ length: body.k }, (_, place) => open(place + 1)));
			this.#below();
		}
		put(this.lines, items);
		fill(this.bars, gauges(wanted(body.intent ?? {}, items, body.k)));
		this.status.textContent = `${items.length} of ${body.k} …`;
	}

	/** @param {List} answer @param {Order} body */
	#done(answer, body) {
		const said = answer.receipt;
		const by = { llm: "the model", ranked: "the retrievers", popular: "popularity" }[said.path];
		this.panel.classList.remove("stale");
		this.#wrong();
		fill(this.lines, lines(answer.items));
		const controls = [...accounted(said.controls, said.k), ...accounted(said.relaxed, said.k, true)];
		fill(this.bars, gauges(controls));
		// On a phone the bars are some screens below the sliders.
		byId("brief").textContent = controls.map(({ label, got, holds, relaxed }) => `${holds ? "✓" : relaxed ? "○ let go:" : "✗"} ${brief(label)}: ${got}`).join(" · ");
		const repaired = said.repaired ? `, ${said.repaired} repaired` : "";
		const let_go = said.relaxed.length ? `; ${plural(said.relaxed.length, "control")} let go` : "";
		fill(this.status, h("b", {}, plural(said.k, "item")), ` by ${by}${repaired} in ${duration(answer.timings.total)}${let_go}`,
			said.degraded && h("span", { class: "warn" }, ` · degraded: ${said.why}`));
		say(`A list of ${said.k} by ${by}; ${said.controls.every((control) => control.holds) ? "every control holds" : "a control is broken"}${let_go}`);
		if (said.relaxed.length) {
			// What was let go of is no control of this list any more, nor of the next.
			this.wishes.drop(said.relaxed);
			this.kept();
		}
		this.wishes.listed(answer);
		this.#below(receipt(answer, body), this.#made(answer), answer.supplements?.[0] && thought(answer.supplements), snippets("recommend", body), json("list-json", answer));
	}

	/** @param {Child[]} parts */
	#below(...parts) {
		leave(this.after);
		fill(this.after, ...parts);
	}

	/**
	 * What went wrong stands above what there is of a list.
	 * @param {Child} [told]
	 */
	#wrong(told) {
		leave(this.amiss);
		fill(this.amiss, told);
	}

	/** @param {List} answer */
	#made({ inside, timings }) {
		return inside && h("section", { class: "made", "aria-label": "How it was made" },
			waterfall(inside.stages, timings.total),
			folded("considered", "Considered, similar items among them", considered(inside.considered)),
			folded("prompt", "The prompt", prompt(inside.prompt)),
			words("made"));
	}

	/** @param {ApiError} error @param {Order} body */
	#failed(error, body) {
		this.panel.classList.remove("stale");
		if (error.name === "AbortError") {
			this.status.textContent = "Stopped.";
			return;
		}
		this.status.textContent = "";
		byId("brief").textContent = `✗ ${error.message}`;
		this.#wrong(fault(error, { again: () => this.make(), relax: () => this.make({ on_conflict: "relax" }) }));
		this.#below(snippets("recommend", body));
		if (this.came) {
			// A line that was shown stays; the places that nothing came for go.
			this.status.textContent = `${this.came} of ${body.k} came`;
			fill(this.lines, ...[...this.lines.children].slice(0, this.came));
			return;
		}
		fill(this.bars);
		fill(this.lines);
	}
}

/** Names may be long, and the bar at the foot of a phone is small. */
const brief = (label = "") => (label.length > BRIEF ? `${label.slice(0, BRIEF - 1)}…` : label);
