/** Two ways to make the same list, side by side. */

import { post } from "./api.js";
import { accounted, gauges, wanted } from "./controls.js";
import { byId, chosen, duration, fill, folded, h, leave, plural, say } from "./dom.js";
import { fault } from "./faults.js";
import { line, writtenLine } from "./lines.js";
import { listed } from "./list.js";
import { account, thinking } from "./thought.js";
import { words } from "./words.js";

/** @type {Record<Way, string>} */
const WAYS = {
	free: "The model, free", generate: "The model, steered", rank: "The model weighs", retrieve: "The ranker", auto: "auto",
};
/** @type {[string, Setting, Setting][]} */
const PRESETS = [
	["Free against steered", { way: "free" }, { way: "generate" }],
	["Weight 0 against tuned", { way: "generate", weight: 0 }, { way: "generate" }],
	["Ranker against model", { way: "retrieve" }, { way: "rank" }],
	["Without and with a thought", { way: "generate", cot: "off" }, { way: "generate", cot: "self" }],
];
/** @type {Record<string, string>} */
const KINDS = {
	missing: "missing", surplus: "too many", nonexistent: "not in the catalogue", repeat: "listed twice", in_history: "met before", control: "broken control",
};

class Side {
	/** @type {Shown?} */
	made = null;
	/** @type {ApiError?} */
	error = null;

	/** @param {About} about @param {() => void} changed */
	constructor(name = "", about, changed) {
		this.way = h("select", { "aria-label": `${name}: made by`, onchange: changed },
			Object.entries(WAYS).map(([value, text]) => h("option", { value, disabled: !can(about, /** @type {Way} */ (value)) }, text)));
		this.weight = h("select", { "aria-label": `${name}: prior weight`, onchange: changed },
			["", 0, 0.5, 1, 2, 5].map((value) => h("option", { value: String(value) }, `weight ${value === "" ? "as tuned" : value}`)));
		this.cot = thinking(`cot-${name}`, about.sidecar, { "aria-label": `${name}: thinking first`, onchange: changed }, "thinking ");
		this.head = h("p", { class: "verdict" });
		this.bars = h("div");
		this.lines = h("ol", { class: "lines", "aria-label": `List ${name}` });
		this.section = h("section", { class: "side", "aria-label": `Side ${name}` },
			h("div", { class: "settings" }, h("b", {}, name), this.way, this.weight, this.cot), this.head, this.bars, this.lines);
		this.way.addEventListener("change", () => this.draw());
	}

	/**
	 * What an address says may be anything.
	 * @param {Partial<Setting>} setting
	 */
	set({ way, weight = null, cot }) {
		this.way.value = (way && chosen(this.way, way)) || this.way.value;
		this.weight.value = (weight !== null && chosen(this.weight, weight)) || "";
		this.cot.value = (cot && chosen(this.cot, cot)) || "auto";
		this.draw();
	}

	/** @returns {Setting} */
	get setting() {
		return { way: chosen(this.way) ?? "auto", weight: this.weight.value === "" ? null : Number(this.weight.value), cot: chosen(this.cot) };
	}

	draw() {
		const alone = ["free", "retrieve"].includes(this.way.value);
		this.weight.hidden = alone;
		this.cot.hidden = alone;
	}

	/** Nothing of what was there is left. */
	wait(said = "…") {
		this.made = null;
		this.error = null;
		fill(this.head, said);
		leave(this.lines);
		fill(this.lines);
		fill(this.bars);
	}

	/**
	 * Has the list made, and shows it, or keeps the error.
	 * @param {Asked} asked @param {AbortSignal} signal
	 */
	async make(asked, signal) {
		this.signal = signal;
		this.section.setAttribute("aria-busy", "true");
		this.wait("Making …");
		try {
			this.made = this.way.value === "free" ? await this.#free(asked, signal) : await this.#steered(asked, signal);
		} catch (error) {
			if (signal !== this.signal) return;
			const stopped = error.name === "AbortError";
			this.wait(stopped ? "Stopped." : `✗ ${error.message}`);
			if (!stopped) this.error = error;
		} finally {
			if (signal === this.signal) this.section.setAttribute("aria-busy", "false");
		}
	}

	/** @type {MakeSide} */
	async #free(asked, signal) {
		const made = await post("free", asked, signal);
		fill(this.bars, gauges(accounted(made.controls, made.k)));
		const violations = counted(made);
		this.#judged(violations, made.timings.total, made.model, made.stopped);
		return { ids: made.lines.map((each) => each.id), draw: (note) => written(made, note), broken: broken(violations) };
	}

	/** @type {MakeSide} */
	async #steered(asked, signal) {
		const { way, weight, cot } = this.setting;
		// Made for itself: what is kept from before would say nothing of the time it takes.
		const body = {
			...asked, strategy: /** @type {Strategy} */ (way), explain: true, inside: true, stream: true,
			...(weight === null ? {} : { prior_weight: weight }), ...(cot === "auto" || this.cot.hidden ? {} : { cot }),
		};
		const answer = await listed(body, signal, (items) => {
			this.lines.append(...items.slice(-1).map((item) => line(item, items.length)));
			fill(this.bars, gauges(wanted(asked.intent ?? {}, items, asked.k)));
		});
		const said = answer.receipt;
		fill(this.bars, gauges(accounted(said.controls, said.k)));
		const violations = { nonexistent: said.k - said.exists, repeat: said.repeats, in_history: said.in_history, control: said.controls.filter(({ holds }) => !holds).length };
		this.#judged(violations, answer.timings.total, said.model ?? said.path);
		for (const each of answer.supplements ?? []) if (body.cot) this.bars.append(h("p", { class: "hint" }, each.text ? `Thought: ${each.text} ` : "No thought. ", account(each)));
		return { ids: answer.items.map(({ id }) => id), draw: (note) => answer.items.map((item, place) => line(item, place + 1, note(item.id))), broken: broken(violations) };
	}

	/** @param {Violations} violations @param {string?} [stopped] */
	#judged(violations, milliseconds = 0, by = "", stopped) {
		const count = broken(violations);
		const kinds = Object.entries(violations).filter(([, number]) => number).map(([kind, number]) => `${number} ${KINDS[kind]}`);
		fill(this.head,
			h("b", { class: count ? "bad" : "good" }, count ? `✗ ${plural(count, "violation")}` : "✓ no violation"),
			count ? `: ${kinds.join(", ")}` : "", h("span", { class: "small" }, ` · ${by} · ${duration(milliseconds)}${stopped ? ` · cut short: ${stopped}` : ""}`));
	}

	/**
	 * Marks what the other list has as well.
	 * @param {Shown["ids"]} others
	 */
	mark(others) {
		if (this.made) fill(this.lines, ...this.made.draw((id) => (id && others.includes(id) ? "in both" : null)));
	}
}

/** @param {About} about @param {Way} way */
const can = ({ model, strategies }, way) => (way === "free" ? Boolean(model) : strategies.includes(way));

/**
 * Each line once: one beyond what was asked for is that, whatever else is amiss with it.
 * @param {Free} made @returns {Violations}
 */
function counted({ k, lines, violations }) {
	const within = lines.slice(0, k).map(({ amiss }) => amiss.map(({ kind }) => kind));
	const having = (/** @type {Api.AmissKind} */ kind) => within.filter((kinds) => kinds.includes(kind)).length;
	return {
		missing: Math.max(0, k - lines.length), surplus: Math.max(0, lines.length - k),
		nonexistent: having("nonexistent"), repeat: having("repeat"), in_history: having("in_history"), control: violations.control ?? 0,
	};
}

/**
 * What a model wrote; what it wrote beyond the list is folded away.
 * @param {Free} made @param {Note} note
 */
function written({ k, lines }, note) {
	const drawn = lines.map((each, place) => writtenLine(each, place + 1, note(each.id)));
	const beyond = drawn.slice(k);
	if (!beyond.length) return drawn;
	return [...drawn.slice(0, k), h("li", {}, folded("beyond", `${beyond.length} more than were asked for`, h("ol", { class: "lines" }, beyond)))];
}

/** @param {Violations} violations */
const broken = (violations) => Object.values(violations).reduce((sum, number) => sum + number, 0);

export class CompareView {
	/** @param {Element} panel @param {Wishes} wishes @param {() => void} kept @param {() => void} changed */
	constructor(panel, wishes, kept, changed) {
		const { about } = wishes.what;
		this.wishes = wishes;
		this.kept = kept;
		this.sides = [new Side("A", about, changed), new Side("B", about, changed)];
		this.both = h("p", { class: "status" }, "Choose a pair above, or set A and B and press Compare.");
		this.amiss = h("div", { class: "common" });
		const presets = h("div", { class: "presets", role: "group", "aria-label": "What to compare" }, PRESETS.map(([name, a, b]) => h("button", {
			disabled: !can(about, a.way) || !can(about, b.way), onclick: () => { this.set([a, b]); kept(); this.make(); },
		}, name)));
		if (!about.model) panel.append(h("p", { class: "notice" }, "This service has no model, only the ranker."));
		panel.append(presets, this.both, this.amiss, h("div", { class: "sides" }, this.sides.map(({ section }) => section)), words("compare"));
		this.set(about.model ? PRESETS[0].slice(1) : [{ way: "retrieve" }, { way: "auto" }]);
	}

	/** @param {any[]} settings */
	set(settings) {
		this.sides.forEach((side, place) => side.set(settings[place]));
	}

	stop() {
		this.asking?.abort();
	}

	async make() {
		this.stop();
		const asking = new AbortController();
		this.asking = asking;
		this.#clear();
		byId("stop").hidden = false;
		// One after the other: they would share one engine, and each would look slower than it is.
		for (const side of this.sides) {
			if (asking.signal.aborted) side.wait("Stopped.");
			else await side.make(this.wishes.asked, asking.signal);
		}
		if (asking !== this.asking) return;
		leave(byId("stop"), byId("make"));
		byId("stop").hidden = true;
		this.#explain();
		const [a, b] = this.sides.map(({ made }) => made);
		if (!a || !b) return;
		this.sides[0].mark(b.ids);
		this.sides[1].mark(a.ids);
		const shared = a.ids.filter((id) => id && b.ids.includes(id)).length;
		this.both.textContent = `${plural(shared, "item")} in both`;
		say(`A: ${plural(a.broken, "violation")}. B: ${plural(b.broken, "violation")}. ${this.both.textContent}.`);
	}

	#clear() {
		this.both.textContent = "";
		leave(this.amiss);
		fill(this.amiss);
		for (const side of this.sides) side.wait();
	}

	/** Lets go of as few controls as will do, which the service knows, and makes both without them. */
	async #relax() {
		this.#clear();
		try {
			const { receipt } = await post("recommend", { ...this.wishes.asked, strategy: "retrieve", on_conflict: "relax" });
			this.wishes.drop(receipt.relaxed);
			this.kept();
			await this.make();
		} catch (error) {
			fill(this.amiss, fault(error, { again: () => this.make() }));
		}
	}

	/** What went wrong: on its side, or once over both, if it is the same. */
	#explain() {
		const [a, b] = this.sides.map(({ error }) => error);
		const ways = { again: () => this.make(), relax: () => this.#relax() };
		const same = a && b && a.code === b.code && a.message === b.message;
		for (const { error, head, lines } of this.sides) {
			if (!error) continue;
			fill(head);
			fill(lines, !same && h("li", {}, fault(error, ways)));
		}
		// A free list knows no way out; the other may.
		if (same) fill(this.amiss, fault(a.hint.length > b.hint.length ? a : b, ways));
	}
}
