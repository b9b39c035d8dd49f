/** The page: tabs, theme, key, and what the address remembers. */

import { get, key } from "./api.js";
import { AnswerView } from "./answer.js";
import { CompareView } from "./compare.js";
import { byId, fill, h, leave, say } from "./dom.js";
import { fault } from "./faults.js";
import { ListView } from "./list.js";
import { keeping } from "./storage.js";
import { usual } from "./whom.js";
import { described, headed, Wishes } from "./wishes.js";

/** @type {Tab[]} */
const TABS = ["list", "compare", "answer"];
const TITLES = { list: "The list", compare: "Comparison", answer: "A question and its answer" };
const THEMES = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" };
const SETTLED_MS = 250;

function theming() {
	const names = /** @type {(keyof THEMES)[]} */ (Object.keys(THEMES));
	const kept = keeping(() => localStorage, "listwright-theme");
	const chosen = () => names.find((name) => name === kept.get()) ?? "auto";
	const draw = () => {
		document.documentElement.dataset.theme = chosen();
		byId("theme").textContent = THEMES[chosen()];
		byId("theme").setAttribute("aria-label", `Theme: ${chosen()}`);
	};
	byId("theme").addEventListener("click", () => {
		kept.set(names[(names.indexOf(chosen()) + 1) % names.length]);
		draw();
	});
	draw();
}

/** @param {() => void} again */
function keys(again) {
	const dialog = byId("key-dialog");
	let wanted = false;
	const ask = (/** @type {Event} */ asked) => {
		if (dialog.open) return;
		const refused = asked.type === "keywanted";
		wanted ||= refused;
		// What it was closed with the last time says nothing of this time.
		dialog.returnValue = "";
		byId("key-wrong").hidden = !key.get() || !refused;
		byId("key-told").textContent = [
			wanted ? "This service asks for a key." : "This service has asked for no key so far.",
			key.get() && "One is set; another that is typed takes its place.",
			"It stays in this tab, and is sent to this service alone.",
		].filter(Boolean).join(" ");
		byId("key-remove").hidden = !key.get();
		dialog.showModal();
	};
	addEventListener("keywanted", ask);
	byId("key").addEventListener("click", ask);
	dialog.addEventListener("close", () => {
		const typed = byId("key-value").value.trim();
		byId("key-value").value = "";
		if (dialog.returnValue === "remove") key.set("");
		else if (dialog.returnValue === "use" && typed) key.set(typed);
		else return;
		say(key.get() ? "The key is set" : "The key is removed");
		again();
	});
}

class Page {
	/** @param {Described} what */
	constructor(what) {
		/** @type {Tab} */
		this.tab = "list";
		this.due = 0;
		this.renewing = false;
		this.wishes = new Wishes(what, () => this.changed());
		this.views = {
			list: new ListView(byId("panel-list"), this.wishes, () => this.keep()),
			compare: new CompareView(byId("panel-compare"), this.wishes, () => this.keep(), () => this.changed()),
			answer: new AnswerView(byId("panel-answer"), what.about.sidecar, () => this.keep()),
		};
		this.#tabs();
		byId("wishes").addEventListener("submit", (event) => {
			event.preventDefault();
			this.make();
			// On a phone the list is below the form.
			if (byId("results").getBoundingClientRect().top > innerHeight / 2) byId("results").scrollIntoView();
		});
		byId("stop").addEventListener("click", () => this.view.stop());
		addEventListener("busychange", () => this.#stoppable());
		byId("live").addEventListener("change", () => byId("live").checked && this.changed());
		addEventListener("catalogueseen", (event) => this.#seen(/** @type {CustomEvent} */ (event).detail));
		this.wishes.user = usual(what.users);
		if (!this.wishes.user) this.wishes.who = "nobody";
		const { tab, wishes, sides, answer } = remembered();
		this.wishes.take(wishes);
		if (Array.isArray(sides) && sides.length === 2) this.views.compare.set(sides.map((/** @type {Setting?} */ side) => side ?? {}));
		this.views.answer.take(answer);
		this.open(TABS.includes(tab) ? tab : "list");
	}

	get view() {
		return this.views[this.tab];
	}

	#tabs() {
		const tabs = TABS.map((name) => byId(`tab-${name}`));
		tabs.forEach((tab, place) => {
			tab.addEventListener("click", () => this.turn(TABS[place]));
			tab.addEventListener("keydown", (press) => {
				const to = new Map([["ArrowRight", place + 1], ["ArrowLeft", place - 1], ["Home", 0], ["End", TABS.length - 1]]).get(press.key);
				if (to === undefined) return;
				press.preventDefault();
				const next = (to + TABS.length) % TABS.length;
				this.turn(TABS[next]);
				tabs[next].focus();
			});
		});
	}

	/**
	 * Open another tab, from which there is a way back.
	 * @param {Tab} name
	 */
	turn(name) {
		if (name !== this.tab) history.pushState(null, "", location.href);
		this.open(name);
	}

	/** @param {Tab} name */
	open(name) {
		this.tab = name;
		document.body.dataset.tab = name;
		for (const each of TABS) {
			byId(`panel-${each}`).hidden = each !== name;
			byId(`tab-${each}`).setAttribute("aria-selected", String(each === name));
			byId(`tab-${each}`).tabIndex = each === name ? 0 : -1;
		}
		byId("result").textContent = TITLES[name];
		byId("make").textContent = name === "compare" ? "Compare" : "Make the list";
		byId("how").hidden = name === "compare";
		// It is made anew when its tab is opened; the others' work goes on.
		if (name !== "list") this.views.list.stop();
		this.#stoppable();
		this.keep();
		// Answers are asked for; lists are there at once.
		if (name === "list") this.make();
		if (name === "compare") this.views.compare.opened();
	}

	/** What is at work is stopped where it is seen: each view tells by `busychange` that its `busy` is another. */
	#stoppable() {
		if (!this.view.busy) leave(byId("stop"), byId("make"));
		byId("stop").hidden = !this.view.busy;
	}

	make() {
		clearTimeout(this.due);
		if (this.tab !== "answer" && this.wishes.missing) {
			this.view.stop();
			say("For whom? Pick a user, or type an id.");
			if (this.tab === "list") this.views.list.none("No list yet: it is to be said for whom it is.");
			return;
		}
		this.view.make();
	}

	/** Who is asked now may be told other things: a list is quick, and the other tabs are asked by their buttons. */
	again() {
		this.wishes.whom.forget();
		this.#seen("");
		if (this.tab === "list") this.make();
	}

	/** The service has a catalogue: another than the form's is read. */
	async #seen(version = "") {
		if (this.renewing || version === this.wishes.what.catalogue.version) return;
		this.renewing = true;
		const catalogue = await get("catalogue").catch(() => null);
		this.renewing = false;
		if (!catalogue || catalogue.version === this.wishes.what.catalogue.version) return;
		this.wishes.renew(catalogue);
		headed(this.wishes.what);
	}

	changed() {
		this.keep();
		clearTimeout(this.due);
		if (this.tab !== "answer" && byId("live").checked) this.due = setTimeout(() => this.make(), SETTLED_MS);
	}

	keep() {
		const sides = this.views.compare.sides.map(({ setting }) => setting);
		const kept = { tab: this.tab, wishes: this.wishes.kept, sides, answer: this.views.answer.kept };
		history.replaceState({ tab: this.tab }, "", `#${encodeURIComponent(JSON.stringify(kept))}`);
	}
}

function remembered() {
	try {
		return JSON.parse(decodeURIComponent(location.hash.slice(1))) ?? {};
	} catch {
		return {}; // An address that was cut short, or none: the page starts afresh.
	}
}

/** @type {Page?} */
let page = null;
let beginning = false;
/** What the page needs to know is asked for once at a time; until it is there, the form does nothing and says so. */
async function begin() {
	if (page) {
		page.again();
		return;
	}
	if (beginning) return;
	loading(true);
	const panel = byId("panel-list");
	leave(panel);
	fill(panel, h("p", { class: "status" }, "Loading what the service has …"));
	try {
		const what = await described();
		headed(what);
		fill(panel);
		loading(false);
		page = new Page(what);
	} catch (error) {
		loading(false);
		byId("wishes").inert = true;
		fill(panel, h("div", {}, fault(error, { again: begin })));
	}
}

function loading(is = false) {
	beginning = is;
	if (is) byId("panel-list").setAttribute("aria-busy", "true");
	else byId("panel-list").removeAttribute("aria-busy");
	byId("wishes").inert = is;
	byId("tabs").inert = is;
	if (is) say("Loading");
}

// The part of the address after its # holds the settings: who skips must not lose them.
document.querySelector(".skip")?.addEventListener("click", (event) => {
	event.preventDefault();
	byId("results").focus();
});
// Back and forward turn the tabs, and the settings stay; an address that somebody pasted is read as a whole.
addEventListener("popstate", ({ state }) => {
	if (page && TABS.includes(state?.tab)) page.open(state.tab);
	else location.reload();
});
theming();
keys(begin);
begin();
