/** For whom the list is: a user the service knows, a history of one's own, or anybody. */

import { get } from "./api.js";
import { byId, fill, h, plural } from "./dom.js";
import { chips } from "./chips.js";
import { suggesting } from "./suggest.js";

const SHOWN = 12;
const RECENT = 30;

/** @type {() => NodeListOf<HTMLInputElement>} */
const radios = () => document.querySelectorAll("[name=who]");

export class Whom {
	shown = "";
	met = h("div", { class: "met" });

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
			const said = known.map(({ id, events }) => ({ value: id, text: id, note: plural(events, "item met", "items met") }));
			// What was typed is an id in any case; those that are known are a few of all there are.
			const exact = said.find(({ value }) => value === text) ?? { value: text, text, note: "by id" };
			return text ? [exact, ...said.filter((one) => one !== exact)] : said;
		};
		const { field, input } = suggesting({ label: "User", keep: true, placeholder: "a user's id", find, pick: ({ value }) => set("user", value) });
		input.addEventListener("change", () => {
			if (input.value.trim() !== this.wishes.user) set("user", input.value.trim());
		});
		byId("who-user").append(field, this.met);
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
		byId("who-own").append(field, own.list);
		return own;
	}

	draw() {
		const { who, user } = this.wishes;
		for (const radio of radios()) radio.checked = radio.value === who;
		for (const name of /** @type {const} */ (["user", "own", "nobody"])) byId(`who-${name}`).hidden = who !== name;
		if (document.activeElement !== this.userInput) this.userInput.value = user;
		this.own.draw();
		this.#remembered(who === "user" ? user : "");
	}

	/** What the service remembers of a user, the latest first. */
	async #remembered(user = "") {
		if (user === this.shown) return;
		this.shown = user;
		fill(this.met);
		if (!user) return;
		const items = await get(`users/${encodeURIComponent(user)}/history`).then((known) => known.items, (error) => error);
		if (user !== this.shown) return;
		if (items instanceof Error) {
			this.shown = "";
			fill(this.met, h("p", { class: "hint bad" }, `What they met cannot be read: ${items.message}`));
			return;
		}
		const title = items.length ? `${plural(items.length, "item")} met` : "Nobody has seen this user: nothing is known";
		const recent = items.slice(-RECENT).reverse();
		fill(this.met, h("details", {}, h("summary", {}, title),
			h("ol", { class: "plain", tabindex: 0, "aria-label": "Met, the latest first" }, recent.map((/** @type {Api.MetItem} */ item) => h("li", {}, item.title ?? `${item.id} (no longer there)`)))));
	}
}
