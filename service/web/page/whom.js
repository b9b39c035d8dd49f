/** For whom the list is: a user the service knows, a history of one's own, or anybody. */

import { get } from "./api.js";
import { byId, fill, folded, h, plural } from "./dom.js";
import { chips } from "./chips.js";
import { suggesting } from "./suggest.js";

const SHOWN = 12;
const RECENT = 30;
/** Who met as much as this has met more than one thing, and there is something to see. */
const MIXED = 40;

/**
 * The user to begin with: the first who met much, or whoever met most.
 * @param {Known[]} users
 */
export const usual = (users) => (users.find(({ events }) => events >= MIXED) ?? [...users].sort((one, other) => other.events - one.events)[0])?.id ?? "";

/** @type {() => NodeListOf<HTMLInputElement>} */
const radios = () => document.querySelectorAll("[name=who]");

export class Whom {
	shown = "";
	/**
	 * How many items of the catalogue, and how many that it does not have, are shown; nothing where they could not be read.
	 * @type {[number, number]?}
	 */
	read = null;
	reading = false;
	met = h("div", { class: "met" });
	asks = h("p", { class: "hint bad", hidden: true }, "For whom? Pick a user, or type an id.");
	none = h("p", { class: "hint" }, "No item yet: so far the list is for anybody.");

	/** @param {Wishes} wishes @param {Known[]} users @param {SetWish} set changes one of the wishes */
	constructor(wishes, users, set) {
		this.wishes = wishes;
		for (const radio of radios()) {
			radio.addEventListener("change", () => set("who", /** @type {Who} */ (radio.value)));
		}
		this.userInput = this.#user(users, set);
		this.own = this.#own(set);
	}

	/** @param {Known[]} users @param {SetWish} set */
	#user(users, set) {
		const find = (text = "") => {
			const known = users.filter(({ id }) => id.toLowerCase().includes(text.toLowerCase())).slice(0, SHOWN);
			/** @type {Suggestion<string>[]} */
			const said = known.map(({ id, events }) => ({ value: id, text: id, note: plural(events, "event") }));
			// What was typed is an id in any case; those that are known are a few of all there are.
			const exact = said.find(({ value }) => value === text) ?? { value: text, text, note: "by id" };
			return text ? [exact, ...said.filter((one) => one !== exact)] : said;
		};
		const { field, input } = suggesting({ label: "User", keep: true, placeholder: "a user's id", find, pick: ({ value }) => set("user", value) });
		input.addEventListener("change", () => {
			if (input.value.trim() !== this.wishes.user) set("user", input.value.trim());
		});
		byId("who-user").append(field, this.asks, this.met);
		return input;
	}

	/** @param {SetWish} set */
	#own(set) {
		const find = async (text = "") => {
			const { items } = await get(`items?limit=${SHOWN}&q=${encodeURIComponent(text)}`);
			return items.map((item) => ({ value: item, text: item.title, note: item.categories.slice(0, 2).join(", ") }));
		};
		const without = (id = "") => this.wishes.history.filter((item) => item.id !== id);
		const { field, input } = suggesting({
			label: "Add an item they have met", placeholder: "search titles", find,
			pick: ({ value: { id, title } }) => set("history", [...without(id), { id, title }]),
			back: () => this.wishes.history.length && set("history", this.wishes.history.slice(0, -1)),
		});
		const met = () => this.wishes.history.map(({ id, title }) => ({ text: title, id }));
		const own = chips("History, oldest first", met, ({ id }) => set("history", without(id)), () => input, false);
		byId("who-own").append(field, own.list, this.none);
		return own;
	}

	draw() {
		const { who, user } = this.wishes;
		for (const radio of radios()) radio.checked = radio.value === who;
		for (const name of /** @type {const} */ (["user", "own", "nobody"])) byId(`who-${name}`).hidden = who !== name;
		if (document.activeElement !== this.userInput) this.userInput.value = user;
		this.own.draw();
		this.asks.hidden = !this.wishes.missing;
		this.none.hidden = this.wishes.history.length > 0;
		byId("who-nobody").textContent = this.#unknown();
		this.#remembered(who === "user" ? user : "");
	}

	/** What a list for nobody known goes by. */
	#unknown() {
		const { strategy, text, query } = this.wishes;
		const said = text.trim() || query.trim();
		if (strategy === "generate" || strategy === "rank") return said ? "Nothing is known of them: the model has the words to go by, and what is popular." : "Nothing is known of them: the model has only what is popular to go by.";
		return said ? "Nothing is known of them: what fits the words comes first, then what is popular." : "Nothing is known of them: what is popular comes first.";
	}

	/**
	 * A list was made for a user: where it counted other items than stand here, they are read anew.
	 * @param {Pick<Api.HistoryAccount, "used" | "unknown">} account
	 */
	counted(user = "", account) {
		const same = this.read?.[0] === account.used && this.read?.[1] === account.unknown;
		if (user !== this.shown || this.reading || same) return;
		this.#read(user);
	}

	/** Whatever stands here was said to somebody else. */
	forget() {
		this.shown = "";
		this.draw();
	}

	/** Shows another user; one who is shown stays. */
	#remembered(user = "") {
		if (user === this.shown) return;
		this.shown = user;
		fill(this.met);
		if (user) this.#read(user);
	}

	/** What the service remembers of a user, the latest first. */
	async #read(user = "") {
		this.reading = true;
		const items = await get(`users/${encodeURIComponent(user)}/history`).then((known) => known.items, (error) => error);
		if (user !== this.shown) return;
		this.reading = false;
		this.read = null;
		if (items instanceof Error) {
			fill(this.met, h("p", { class: "hint bad" }, `What they met cannot be read: ${items.message}`));
			return;
		}
		const known = new Set(items.filter(({ title = "" }) => title !== null).map(({ id = "" }) => id)).size;
		const all = new Set(items.map(({ id = "" }) => id)).size;
		this.read = [known, all - known];
		const often = items.length > all ? ` in ${plural(items.length, "event")}` : "";
		const title = items.length ? `${plural(all, "item")} met${often}` : "Nobody has seen this user: nothing is known";
		const recent = items.slice(-RECENT).reverse();
		fill(this.met, folded("met", title,
			h("ol", { class: "plain", tabindex: 0, "aria-label": "Met, the latest first" }, recent.map((/** @type {Api.MetItem} */ item) => h("li", {}, item.title ?? `${item.id} (no longer there)`))), ""));
	}
}
