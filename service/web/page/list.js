/** One list: it grows line by line, then shows its receipt and how it was made. */

import { ApiError, streamed } from "./api.js";
import { accounted, gauges, wanted } from "./controls.js";
import { byId, duration, fill, folded, h, leave, plural, say } from "./dom.js";
import { fault } from "./faults.js";
import { considered, json, prompt, waterfall } from "./inside.js";
import { line, open } from "./lines.js";
import { receipt } from "./receipt.js";
import { snippets } from "./snippets.js";
import { thought } from "./thought.js";
import { words } from "./words.js";

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
	if (answer) return answer;
	throw new ApiError(0, { message: "The stream ended before the list was whole.", hint: "Try again." });
}

export class ListView {
	/** @param {Element} panel @param {Wishes} wishes */
	constructor(panel, wishes) {
		this.panel = panel;
		this.wishes = wishes;
		this.status = h("p", { class: "status" });
		this.bars = h("div", {});
		this.lines = h("ol", { class: "lines", "aria-label": "The list" });
		this.after = h("div", { class: "after" });
		panel.append(this.status, this.bars, this.lines, this.after);
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

	#busy(is = false) {
		this.panel.setAttribute("aria-busy", String(is));
		if (!is) leave(byId("stop"), byId("make"));
		byId("stop").hidden = !is;
	}

	#begin() {
		this.#busy(true);
		this.status.textContent = "Making the list …";
		this.panel.classList.add("stale");
	}

	/** @param {Item[]} items @param {Order} body */
	#grow(items, body) {
		this.panel.classList.remove("stale");
		if (items.length === 1) {
			fill(this.lines, ...Array.from({ length: body.k }, (_, place) => open(place + 1)));
			this.#below();
		}
		const place = items.length - 1;
		this.lines.children[place].replaceWith(line(items[place], place + 1));
		fill(this.bars, gauges(wanted(body.intent ?? {}, items, body.k)));
		this.status.textContent = `${items.length} of ${body.k} …`;
	}

	/** @param {List} answer @param {Order} body */
	#done(answer, body) {
		const said = answer.receipt;
		const by = { llm: "the model", ranked: "the ranker", popular: "popularity" }[said.path];
		this.panel.classList.remove("stale");
		fill(this.lines, ...answer.items.map((item, place) => line(item, place + 1)));
		const controls = [...accounted(said.controls, said.k), ...accounted(said.relaxed, said.k, true)];
		fill(this.bars, gauges(controls));
		// On a phone the bars are some screens below the sliders.
		byId("brief").textContent = controls.map(({ label, got, holds }) => `${holds ? "✓" : "✗"} ${label}: ${got}`).join(" · ");
		const repaired = said.repaired ? `, ${said.repaired} repaired` : "";
		const let_go = said.relaxed.length ? `; ${plural(said.relaxed.length, "control")} let go` : "";
		fill(this.status, h("b", {}, plural(said.k, "item")), ` by ${by}${repaired} in ${duration(answer.timings.total)}${let_go}`,
			said.degraded && h("span", { class: "warn" }, ` · degraded: ${said.why}`));
		say(`A list of ${said.k} by ${by}; ${said.controls.every((control) => control.holds) ? "every control holds" : "a control is broken"}${let_go}`);
		this.wishes.listed(answer.items);
		this.#below(receipt(answer, whom(body)), this.#made(answer), answer.supplements?.[0] && thought(answer.supplements), snippets("recommend", body), json("list-json", answer));
	}

	/** @param {Child[]} parts */
	#below(...parts) {
		leave(this.after);
		fill(this.after, ...parts);
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
		fill(this.bars);
		fill(this.lines);
		this.#below(fault(error, { again: () => this.make(), relax: () => this.make({ on_conflict: "relax" }) }), snippets("recommend", body));
	}
}

/** @param {Order} body */
const whom = ({ user_id, history }) => (history ? { history } : user_id ? { user_id } : {});
