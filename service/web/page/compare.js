/** Two ways to make the same list, side by side. */

import { post } from "./api.js";
import { accounted, gauges, wanted } from "./controls.js";
import { byId, chosen, duration, fill, folded, h, leave, plural, say } from "./dom.js";
import { fault, known } from "./faults.js";
import { json, prompt, waterfall } from "./inside.js";
import { lines, put, writtenLine } from "./lines.js";
import { listed } from "./list.js";
import { entries, receipt } from "./receipt.js";
import { snippets } from "./snippets.js";
import { account, thinking } from "./thought.js";
import { words } from "./words.js";

/** @type {Record<Way, string>} */
const WAYS = {
	free: "The model, free", generate: "The model, steered", rank: "The model weighs", retrieve: "The retrievers", auto: "auto",
};
/** @type {[string, Setting, Setting][]} */
const PRESETS = [
	["Free against steered", { way: "free" }, { way: "generate" }],
	["Weight 0 against tuned", { way: "generate", weight: 0 }, { way: "generate" }],
	["Retrievers against model", { way: "retrieve" }, { way: "rank" }],
	["Without and with a thought", { way: "generate", cot: "off" }, { way: "generate", cot: "self" }],
];
/**
 * What the validator counts, in the words of the page.
 * @type {Record<string, string>}
 */
const KINDS = {
	count: "wrong length", nonexistent: "not in the catalogue", repeat: "listed twice", in_history: "met before", control: "broken control",
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
		this.below = h("div", { class: "below" });
		this.name = name;
		this.section = h("section", { class: "side", "aria-label": `Side ${name}` },
			h("div", { class: "settings" }, h("b", {}, name), this.way, this.weight, this.cot), this.head, this.bars, this.lines, this.below);
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
		for (const part of [this.lines, this.below, this.bars]) {
			leave(part);
			fill(part);
		}
	}

	/**
	 * Has the list made, and shows it, or keeps the error.
	 * @param {Asked} asked @param {AbortSignal} signal @param {Weighed} weighed what is for a steered list alone
	 */
	async make(asked, signal, weighed) {
		this.signal = signal;
		this.section.setAttribute("aria-busy", "true");
		this.wait("Making …");
		try {
			this.made = this.way.value === "free" ? await this.#free(asked, signal) : await this.#steered({ ...asked, ...weighed }, signal);
		} catch (error) {
			if (signal !== this.signal) return;
			const stopped = error.name === "AbortError";
			const told = known(error);
			this.wait(stopped ? "Stopped." : `✗ ${told.message}`);
			if (!stopped) this.error = told;
		} finally {
			if (signal === this.signal) this.section.setAttribute("aria-busy", "false");
		}
	}

	/** @type {MakeSide} */
	async #free(asked, signal) {
		const made = await post("free", asked, signal);
		fill(this.bars, gauges(accounted(made.controls, made.k)));
		const apart = made.lines.length === made.k ? "" : `${plural(made.lines.length, "line")}, ${made.k} asked for`;
		this.#judged(made.violations, [apart, made.model, duration(made.timings.total), made.stopped && `cut short: ${made.stopped}`]);
		this.#behind([
			entries({ violations: told(made.violations) || "none", model: made.model, prompt: made.prompt, request: made.request_id }),
			entries(Object.fromEntries(Object.entries(made.timings).map(([stage, took]) => [stage, duration(took)]))),
			h("h3", {}, "As it was written"), h("pre", { tabindex: 0 }, made.text), snippets("free", asked), json(`json-${this.name}`, made),
		]);
		return { ids: made.lines.map((each) => each.id), draw: (note) => written(made, note), broken: broken(made.violations) };
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
			put(this.lines, items);
			fill(this.bars, gauges(wanted(asked.intent ?? {}, items, asked.k)));
		});
		const said = answer.receipt;
		fill(this.bars, gauges(accounted(said.controls, said.k)));
		const violations = { nonexistent: said.k - said.exists, repeat: said.repeats, in_history: said.in_history, control: said.controls.filter(({ holds }) => !holds).length };
		this.#judged(violations, [said.model ?? said.path, duration(answer.timings.total)]);
		for (const each of answer.supplements ?? []) if (body.cot) this.bars.append(h("p", { class: "hint" }, each.text ? `Thought: ${each.text} ` : "No thought. ", account(each)));
		this.#behind([
			receipt(answer, body),
			answer.inside && [waterfall(answer.inside.stages, answer.timings.total), h("h3", {}, "The prompt"), prompt(answer.inside.prompt)],
			snippets("recommend", body), json(`json-${this.name}`, answer),
		]);
		return { ids: answer.items.map(({ id }) => id), draw: (note) => lines(answer.items, note), broken: broken(violations) };
	}

	/**
	 * How it was made, folded away.
	 * @param {Child[]} parts
	 */
	#behind(parts) {
		fill(this.below, folded(`behind-${this.name}`, "Receipt, stages, prompt, code", h("div", { class: "behind" }, parts)));
	}

	/** @param {Violations} violations @param {(string | null | undefined)[]} beside */
	#judged(violations, beside) {
		const count = broken(violations);
		fill(this.head,
			h("b", { class: count ? "bad" : "good" }, count ? `✗ ${plural(count, "violation")}` : "✓ no violation"),
			count ? `: ${told(violations)}` : "", h("span", { class: "small" }, ["", ...beside.filter(Boolean)].join(" · ")));
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
const told = (violations) => Object.entries(violations).filter(([, number]) => number).map(([kind, number]) => (kind === "count" ? KINDS.count : `${number} ${KINDS[kind] ?? kind}`)).join(", ");

/** @param {Violations} violations */
const broken = (violations) => Object.values(violations).reduce((sum, number) => sum + number, 0);

export class CompareView {
	busy = false;
	made = "";
	/** Both verdicts, where the lists themselves are out of sight. */
	brief = "";

	/** @param {Element} panel @param {Wishes} wishes @param {() => void} kept @param {() => void} changed */
	constructor(panel, wishes, kept, changed) {
		const { about } = wishes.what;
		this.wishes = wishes;
		this.kept = kept;
		this.sides = [new Side("A", about, changed), new Side("B", about, changed)];
		this.both = h("p", { class: "status" });
		this.hint = h("p", { class: "hint" });
		this.amiss = h("div", { class: "common" });
		const presets = h("div", { class: "presets", role: "group", "aria-label": "What to compare" }, PRESETS.map(([name, a, b]) => h("button", {
			disabled: !can(about, a.way) || !can(about, b.way), onclick: () => { this.set([a, b]); kept(); this.make(); },
		}, name)));
		if (!about.model) panel.append(h("p", { class: "notice" }, "This service has no model, only retrievers."));
		panel.append(h("p", { class: "hint" }, "Two lists for the same wish, side by side: what breaks a promise is red, and what both have is marked."), presets, this.both, this.hint, this.amiss, h("div", { class: "sides" }, this.sides.map(({ section }) => section)), words("compare"));
		this.set(about.model ? PRESETS[0].slice(1) : [{ way: "retrieve" }, { way: "auto" }]);
	}

	/** @param {any[]} settings */
	set(settings) {
		this.sides.forEach((side, place) => side.set(settings[place]));
	}

	stop() {
		this.asking?.abort();
	}

	/** The page shows its Stop button while the view that is open is busy. */
	#busy(is = false) {
		this.busy = is;
		dispatchEvent(new CustomEvent("busychange"));
	}

	/** What is asked for: both lists alike, so neither is longer than a free one may be. */
	get asked() {
		const { asked, what } = this.wishes;
		const free = this.sides.some(({ setting }) => setting.way === "free");
		return free ? { ...asked, k: Math.min(asked.k, what.about.max_free_k ?? asked.k) } : asked;
	}

	/** Its tab is opened: what it holds is made, unless it is there or is made on a press alone. */
	opened() {
		byId("brief").textContent = this.brief;
		if (this.busy || this.made === this.#settings()) return;
		if (byId("live").checked && !this.wishes.missing) this.make();
		else this.both.textContent = "Choose a pair above, or set A and B and press Compare.";
	}

	/** What the lists depend on. */
	#settings() {
		return JSON.stringify([this.asked, this.wishes.weighed, this.sides.map(({ setting }) => setting)]);
	}

	async make() {
		this.stop();
		const asking = new AbortController();
		const { asked } = this;
		this.asking = asking;
		this.made = this.#settings();
		this.#clear();
		this.hint.textContent = asked.k < this.wishes.asked.k ? `Both lists have ${asked.k} items: the free model is asked for no more.` : "";
		this.#busy(true);
		// One after the other: they would share one engine, and each would look slower than it is.
		for (const side of this.sides) {
			if (asking.signal.aborted) side.wait("Stopped.");
			else await side.make(asked, asking.signal, this.wishes.weighed);
		}
		if (asking !== this.asking) return;
		this.#busy(false);
		this.#explain();
		const [a, b] = this.sides.map(({ made }) => made);
		if (!a || !b) {
			this.made = "";
			return;
		}
		this.sides[0].mark(b.ids);
		this.sides[1].mark(a.ids);
		const shared = a.ids.filter((id) => id && b.ids.includes(id)).length;
		const both = `${plural(shared, "item")} in both`;
		const verdict = (name = "", count = 0) => [`${name}: `, h("b", { class: count ? "bad" : "good" }, count ? `✗ ${plural(count, "violation")}` : "✓ none"), " · "];
		fill(this.both, verdict("A", a.broken), verdict("B", b.broken), both);
		this.#told(`A ${a.broken ? `✗ ${a.broken}` : "✓"} · B ${b.broken ? `✗ ${b.broken}` : "✓"} · ${both}`);
		say(`A: ${plural(a.broken, "violation")}. B: ${plural(b.broken, "violation")}. ${both}. ${this.hint.textContent}`);
	}

	#told(said = "") {
		this.brief = said;
		// Work goes on while another tab is open, which has a brief of its own.
		if (!byId("panel-compare").hidden) byId("brief").textContent = said;
	}

	#clear() {
		this.#told();
		this.both.textContent = "";
		leave(this.amiss);
		fill(this.amiss);
		for (const side of this.sides) side.wait();
	}

	/** Lets go of as few controls as will do, which the service knows, and makes both without them. */
	async #relax() {
		this.#clear();
		try {
			const { receipt } = await post("recommend", { ...this.asked, strategy: "retrieve", on_conflict: "relax" });
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
