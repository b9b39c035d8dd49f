/** The form: for whom, what is wished, the controls, and how the list is made. */

import { get } from "./api.js";
import { apart, byId, chosen, fill, h, plural } from "./dom.js";
import { chips } from "./chips.js";
import { OPS, quota } from "./controls.js";
import { MOST_SHARES, Shares, START, UNKNOWN } from "./shares.js";
import { suggesting } from "./suggest.js";
import { thinking } from "./thought.js";
import { Whom } from "./whom.js";
import { words } from "./words.js";

const SHOWN = 12;
const WEIGHTS = [0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
/** As many as the service takes, and as many as a person reads. */
const MOST_NAMES = 32;
const MOST_MET = 200;
const LONGEST_NAME = 512;
const TYPED = /** @type {const} */ (["text", "query"]);

/**
 * What an address remembers, as it is where nothing is.
 * @type {() => Kept}
 */
const fresh = () => ({
	who: "user", user: "", history: [], text: "", query: "", include: [], exclude: [], shares: [],
	k: 10, strategy: "auto", weight: null, cot: "auto", wish: null,
});

export class Wishes extends /** @type {new () => Kept} */ (/** @type {unknown} */ (Object)) {
	/**
	 * How many items of the last list each category has: bounds on these are seen to bite.
	 * @type {Map<string, number>}
	 */
	counts = new Map();
	/** Whether the last list came without a model. */
	unwritten = false;

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
		const left = this.#bounded(this);
		byId("left-out").textContent = left
			? `${plural(left, "part")} of the address ${left === 1 ? "is" : "are"} left out: ${left === 1 ? "it" : "they"} could not be read, or this form holds no more.` : "";
		if (!document.querySelector(`[name=who][value="${CSS.escape(this.who)}"]`)) this.who = start.who;
		if (!chosen(byId("strategy"), this.strategy)) this.strategy = start.strategy;
		if (!chosen(this.cotField, this.cot)) this.cot = start.cot;
		if (!chosen(byId("wish"), this.wish)) this.wish = start.wish;
		const { weight } = this;
		if (weight !== null) this.weight = WEIGHTS[WEIGHTS.findLastIndex((each) => each <= weight)];
		for (const name of TYPED) this[name] = this[name].slice(0, byId(name).maxLength);
		this.k = Math.min(Math.max(1, Math.round(this.k) || start.k), Number(byId("k").max));
		this.draw();
	}

	/**
	 * Each once, and no more than the form holds; how many were left out, of which somebody must be told.
	 * @param {Kept} kept
	 */
	#bounded(kept) {
		let left = 0;
		/** @type {<Each>(all: Each[], most: number, sound: (each: Each) => boolean, same: (each: Each) => string) => Each[]} */
		const within = (all, most, sound, same) => {
			const sane = all.filter(sound);
			const once = [...new Map(sane.map((each) => [same(each), each])).values()];
			left += all.length - sane.length + Math.max(0, once.length - most);
			return once.slice(0, most);
		};
		const name = (/** @type {unknown} */ each) => typeof each === "string" && each !== "" && each.length <= LONGEST_NAME;
		const itself = (each = "") => each;
		kept.include = within(kept.include, MOST_NAMES, name, itself);
		kept.exclude = within(kept.exclude, MOST_NAMES, name, itself);
		const share = (/** @type {Bound} */ each) => name(each?.category) && OPS.includes(each.op) && Number.isFinite(each.percent) && each.percent >= 0 && each.percent <= 100;
		kept.shares = within(kept.shares, MOST_SHARES, share, (each) => JSON.stringify([each.category, each.op, each.percent]))
			.map(({ category, op, percent }) => ({ category, op, percent: Math.round(percent * 10) / 10 }));
		kept.history = within(kept.history, MOST_MET, (item) => name(item?.id) && typeof item.title === "string", (item) => item.id);
		return left;
	}

	/** Whether the catalogue has a category, as far as the page knows. */
	known(name = "") {
		return this.what.categories.some((category) => category.name === name);
	}

	/** Whether it is still to be said for whom: a list for anybody would not be what was asked for. */
	get missing() {
		return this.who === "user" && !this.user;
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

	/**
	 * How much the words count, where that is chosen.
	 * @returns {Weighed}
	 */
	get weighed() {
		return this.wish === null ? {} : { wish_weight: this.wish };
	}

	get how() {
		const idle = this.weight === null || this.strategy === "retrieve";
		return { strategy: this.strategy, ...this.weighed, ...(idle ? {} : { prior_weight: this.weight }), ...(this.cot === "auto" ? {} : { cot: this.cot }) };
	}

	/**
	 * A list has come: what it holds much of is what a bound would change.
	 * @param {List} answer
	 */
	listed(answer) {
		const { items, receipt } = answer;
		this.counts = new Map();
		for (const name of items.flatMap((item) => item.categories)) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
		this.bounded.suggest(this.#offered(receipt));
		this.unwritten = receipt.path !== "llm";
		this.#effects();
		if (this.who === "user") this.whom.counted(this.user, receipt.history);
	}

	/**
	 * A category of which the list holds more than a bound would leave, and beside which there is enough else.
	 * @param {Api.ReceiptAnswer} receipt
	 */
	#offered({ k, history }) {
		// What every item has to have may leave nothing else: only the service knows.
		if (this.include.length) return null;
		const having = new Map(this.what.categories.map(({ name, items }) => [name, items]));
		const gone = this.exclude.reduce((sum, name) => sum + (having.get(name) ?? 0), history.used);
		const enough = (name = "") => this.what.catalogue.items - gone - (having.get(name) ?? 0) >= k;
		const [most] = [...this.counts].filter(([name, count]) => count > quota(START, k)[1] && enough(name)).sort((one, other) => other[1] - one[1]);
		return most?.[0] ?? null;
	}

	/**
	 * The catalogue is another: the fields complete what it has.
	 * @param {Api.CatalogueAnswer} catalogue
	 */
	renew(catalogue) {
		this.what = { ...this.what, catalogue, categories: catalogue.categories };
		byId("k").max = String(Math.min(this.what.about.max_k, catalogue.items));
		this.k = Math.min(this.k, Number(byId("k").max));
		this.draw();
		this.bounded.renew();
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
		byId("left-out").textContent = "";
		if (name === "strategy") this.unwritten = false;
		this.draw();
		this.changed();
	}

	#fields() {
		for (const name of TYPED) {
			byId(name).addEventListener("input", () => { this[name] = byId(name).value; });
			byId(name).addEventListener("change", () => this.#set(name, byId(name).value));
		}
		byId("wish").addEventListener("change", () => this.#set("wish", Number(byId("wish").value) || null));
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
			if (taken().length >= MOST_NAMES) throw new Error(`No more than ${MOST_NAMES} can be chosen.`);
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
		const named = () => this[name].map((text) => (this.known(text) ? { text } : { text, note: UNKNOWN }));
		const chosen = chips(label, named, without, () => input);
		byId(name).append(field, chosen.list);
		return chosen;
	}

	/** What the prior's weight can do here, and what would have it do something. */
	#effects() {
		const idle = this.weight !== null && this.unwritten;
		const model = this.what.about.strategies.includes("generate");
		fill(byId("weight-told"),
			this.strategy === "retrieve" ? "Without a model there is nothing that it could be weighed against."
				: idle && ["No model wrote this list, so the weight had no effect. ", model && h("button", { class: "quiet", onclick: () => this.#generate() }, "Have the model write it")]);
	}

	#generate() {
		byId("strategy").focus();
		this.#set("strategy", "generate");
	}

	draw() {
		const { weight } = this;
		for (const name of /** @type {const} */ (["text", "query", "k", "strategy"])) byId(name).value = String(this[name]);
		this.cotField.value = this.cot;
		byId("wish").value = String(this.wish ?? "");
		byId("tuned").checked = weight === null;
		byId("tuned").disabled = this.strategy === "retrieve";
		byId("weight").disabled = weight === null || this.strategy === "retrieve";
		if (weight !== null) byId("weight").value = String(WEIGHTS.findLastIndex((each) => each <= weight));
		byId("k-said").textContent = String(this.k);
		byId("weight-said").textContent = weight === null ? "as tuned" : weight === 0 ? "0: the model alone" : String(weight);
		byId("weight").setAttribute("aria-valuetext", byId("weight-said").textContent);
		this.#effects();
		apart([...this.shares.map(({ category }) => category), ...this.include, ...this.exclude]);
		for (const part of [this.whom, ...this.chosen, this.bounded]) part.draw();
	}
}

/**
 * What the header says of the service.
 * @param {Pick<Described, "about" | "catalogue">} what
 */
export function headed({ about, catalogue }) {
	byId("about").textContent = [about.model ?? "no model", `${catalogue.items.toLocaleString("en")} items`, catalogue.version].join(" · ");
}

/**
 * Whether a value may stand where another stands now.
 * @param {string} name @param {unknown} value @param {unknown} now
 */
function alike(name, value, now) {
	if (name === "wish") return value === null || typeof value === "number";
	if (name === "weight") return value === null || (Number.isFinite(value) && Number(value) >= 0);
	if (!Array.isArray(now)) return typeof value === typeof now && !Array.isArray(value);
	return Array.isArray(value);
}

/** What the form has to know of the service before it can be drawn. */
export async function described() {
	const [about, catalogue, { users }] = await Promise.all([get("about"), get("catalogue"), get("users?limit=100")]);
	return { about, catalogue, categories: catalogue.categories, users };
}
