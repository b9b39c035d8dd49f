/** The form: for whom, what is wished, the controls, and how the list is made. */

import { get } from "./api.js";
import { byId, chosen, plural } from "./dom.js";
import { chips } from "./chips.js";
import { OPS } from "./controls.js";
import { MOST_SHARES, Shares } from "./shares.js";
import { suggesting } from "./suggest.js";
import { thinking } from "./thought.js";
import { Whom } from "./whom.js";
import { words } from "./words.js";

const SHOWN = 12;
const WEIGHTS = [0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const TYPED = /** @type {const} */ (["text", "query"]);

/**
 * What an address remembers, as it is where nothing is.
 * @type {() => Kept}
 */
const fresh = () => ({
	who: "user", user: "", history: [], text: "", query: "", include: [], exclude: [], shares: [],
	k: 10, strategy: "auto", weight: null, cot: "auto",
});

export class Wishes extends /** @type {new () => Kept} */ (/** @type {unknown} */ (Object)) {
	/**
	 * How many items of the last list each category has: bounds on these are seen to bite.
	 * @type {Map<string, number>}
	 */
	counts = new Map();

	/** @param {Described} what @param {() => void} changed */
	constructor(what, changed) {
		super();
		Object.assign(this, fresh());
		this.what = what;
		this.changed = changed;
		this.k = Math.min(what.about.default_k, what.catalogue.items);
		byId("k").max = String(Math.min(what.about.max_k, what.catalogue.items));
		this.cotField = thinking("cot", what.about.sidecar);
		byId("thinking").append(this.cotField);
		byId("how").append(words("how"));
		this.whom = new Whom(this, what.users, (name, value) => this.#set(name, value));
		this.chosen = [this.#categories("include", "Only these categories", "any of them will do"), this.#categories("exclude", "None of these", "no item has any")];
		this.bounded = new Shares(this, this.#find(() => this.shares.map((share) => share.category)), changed);
		this.#fields();
		this.draw();
	}

	get kept() {
		return Object.fromEntries(Object.keys(fresh()).map((name) => [name, Reflect.get(this, name)]));
	}

	/**
	 * Take what an address says, as far as it is of the right kind.
	 * @param {object} [kept]
	 */
	take(kept) {
		const start = fresh();
		for (const [name, value] of Object.entries(kept ?? {})) if (Object.hasOwn(start, name) && alike(name, value, Reflect.get(start, name))) Object.assign(this, { [name]: value });
		const named = (name = "") => this.what.categories.some((category) => category.name === name);
		this.include = this.include.filter(named);
		this.exclude = this.exclude.filter(named);
		const sound = (/** @type {Bound} */ share) => named(share?.category) && OPS.includes(share.op) && Number.isFinite(share.percent) && share.percent >= 0 && share.percent <= 100;
		this.shares = this.shares.filter(sound).slice(0, MOST_SHARES);
		this.history = this.history.filter((item) => typeof item?.id === "string" && typeof item.title === "string");
		if (!document.querySelector(`[name=who][value="${CSS.escape(this.who)}"]`)) this.who = start.who;
		if (!chosen(byId("strategy"), this.strategy)) this.strategy = start.strategy;
		if (!chosen(this.cotField, this.cot)) this.cot = start.cot;
		const { weight } = this;
		if (weight !== null) this.weight = WEIGHTS[WEIGHTS.findLastIndex((each) => each <= weight)];
		for (const name of TYPED) this[name] = this[name].slice(0, byId(name).maxLength);
		this.k = Math.min(Math.max(1, Math.round(this.k) || start.k), Number(byId("k").max));
		this.draw();
	}

	/**
	 * The part of a request that says what is wanted, whoever makes it.
	 * @returns {Asked}
	 */
	get asked() {
		const intent = Object.fromEntries(Object.entries({
			text: this.text.trim(), query: this.query.trim(), include: this.include, exclude: this.exclude,
			shares: this.shares.map(({ category, op, percent }) => ({ category, op, share: percent / 100 })),
		}).filter(([, value]) => value.length));
		return { ...this.#about, k: this.k, ...(Object.keys(intent).length ? { intent } : {}) };
	}

	get #about() {
		if (this.who === "user" && this.user) return { user_id: this.user };
		return this.who === "own" && this.history.length ? { history: this.history.map((item) => item.id) } : {};
	}

	get how() {
		return { strategy: this.strategy, ...(this.weight === null ? {} : { prior_weight: this.weight }), ...(this.cot === "auto" ? {} : { cot: this.cot }) };
	}

	/**
	 * A list has come: what it holds much of is what a bound would change.
	 * @param {Item[]} items
	 */
	listed(items) {
		this.counts = new Map();
		for (const name of items.flatMap((item) => item.categories)) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
		const [most] = [...this.counts].filter(([, count]) => count < items.length).sort((one, other) => other[1] - one[1]);
		this.bounded.suggest(most?.[0] ?? this.counts.keys().next().value ?? null);
	}

	/**
	 * Let go of these controls.
	 * @param {Control[]} controls
	 */
	drop(controls) {
		for (const { kind, categories, op } of controls) {
			if (kind === "include") this.include = [];
			this.exclude = this.exclude.filter((name) => kind !== "exclude" || !categories.includes(name));
			this.shares = this.shares.filter((share) => kind !== "share" || share.op !== op || !categories.includes(share.category));
		}
		this.draw();
	}

	/** @type {SetWish} */
	#set(name, value) {
		Object.assign(this, { [name]: value });
		this.draw();
		this.changed();
	}

	#fields() {
		for (const name of TYPED) {
			byId(name).addEventListener("input", () => { this[name] = byId(name).value; });
			byId(name).addEventListener("change", () => this.#set(name, byId(name).value));
		}
		const weight = () => WEIGHTS[Number(byId("weight").value)];
		byId("k").addEventListener("input", () => { this.k = Number(byId("k").value); this.draw(); });
		byId("k").addEventListener("change", () => this.changed());
		byId("strategy").addEventListener("change", () => this.#set("strategy", chosen(byId("strategy")) ?? "auto"));
		this.cotField.addEventListener("change", () => this.#set("cot", chosen(this.cotField) ?? "auto"));
		byId("weight").max = String(WEIGHTS.length - 1);
		byId("weight").addEventListener("input", () => { this.weight = weight(); this.draw(); });
		byId("weight").addEventListener("change", () => this.changed());
		byId("tuned").addEventListener("change", () => this.#set("weight", byId("tuned").checked ? null : weight()));
		for (const option of byId("strategy").options) option.disabled = !this.what.about.strategies.some((can) => can === option.value);
	}

	/** @param {() => string[]} taken */
	#find(taken) {
		return (text = "") => {
			const sought = text.toLowerCase();
			const fits = this.what.categories.filter(({ name }) => name.toLowerCase().includes(sought) && !taken().includes(name));
			const late = ({ name = "" }) => (name.toLowerCase() === sought ? 0 : name.toLowerCase().startsWith(sought) ? 1 : 2);
			const here = ({ name = "" }) => this.counts.get(name) ?? 0;
			const best = fits.sort((one, other) => late(one) - late(other) || here(other) - here(one) || other.items - one.items).slice(0, SHOWN);
			return best.map((one) => ({ value: one.name, text: one.name, note: [here(one) && `${here(one)} listed`, plural(one.items, "item")].filter(Boolean).join(" · ") }));
		};
	}

	/** @param {"include" | "exclude"} name */
	#categories(name, label = "", hint = "") {
		const { field, input } = suggesting({
			label, placeholder: hint, find: this.#find(() => this[name]),
			pick: ({ value }) => this.#set(name, [...this[name], value]),
			back: () => this[name].length && this.#set(name, this[name].slice(0, -1)),
		});
		const without = ({ text = "" }) => this.#set(name, this[name].filter((each) => each !== text));
		const chosen = chips(label, () => this[name].map((text) => ({ text })), without, () => input);
		byId(name).append(field, chosen.list);
		return chosen;
	}

	draw() {
		const { weight } = this;
		for (const name of /** @type {const} */ (["text", "query", "k", "strategy"])) byId(name).value = String(this[name]);
		this.cotField.value = this.cot;
		byId("tuned").checked = weight === null;
		byId("weight").disabled = weight === null;
		if (weight !== null) byId("weight").value = String(WEIGHTS.findLastIndex((each) => each <= weight));
		byId("k-said").textContent = String(this.k);
		byId("weight-said").textContent = weight === null ? "as tuned" : weight === 0 ? "0: the model alone" : String(weight);
		byId("weight").setAttribute("aria-valuetext", byId("weight-said").textContent);
		for (const part of [this.whom, ...this.chosen, this.bounded]) part.draw();
	}
}

/**
 * Whether a value may stand where another stands now.
 * @param {string} name @param {unknown} value @param {unknown} now
 */
function alike(name, value, now) {
	if (name === "weight") return value === null || (Number.isFinite(value) && Number(value) >= 0);
	if (!Array.isArray(now)) return typeof value === typeof now && !Array.isArray(value);
	return Array.isArray(value) && (name === "shares" || name === "history" || value.every((each) => typeof each === "string"));
}

/** What the form has to know of the service before it can be drawn. */
export async function described() {
	const [about, catalogue, { users }] = await Promise.all([get("about"), get("catalogue"), get("users?limit=100")]);
	return { about, catalogue, categories: catalogue.categories, users };
}
