/** The page: tabs, theme, key, and what the address remembers. */

import { key } from "./api.js";
import { AnswerView } from "./answer.js";
import { CompareView } from "./compare.js";
import { byId, fill, h, leave } from "./dom.js";
import { fault } from "./faults.js";
import { ListView } from "./list.js";
import { described, Wishes } from "./wishes.js";

/** @type {Tab[]} */
const TABS = ["list", "compare", "answer"];
const THEMES = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" };
const SETTLED_MS = 250;

function theming() {
	const names = /** @type {(keyof THEMES)[]} */ (Object.keys(THEMES));
	const chosen = () => names.find((name) => name === localStorage.getItem("listwright-theme")) ?? "auto";
	const draw = () => {
		document.documentElement.dataset.theme = chosen();
		byId("theme").textContent = THEMES[chosen()];
		byId("theme").setAttribute("aria-label", `Theme: ${chosen()}`);
	};
	byId("theme").addEventListener("click", () => {
		localStorage.setItem("listwright-theme", names[(names.indexOf(chosen()) + 1) % names.length]);
		draw();
	});
	draw();
}

/** @param {() => void} again */
function keys(again) {
	const dialog = byId("key-dialog");
	const ask = (/** @type {Event} */ asked) => {
		if (dialog.open) return;
		// What it was closed with the last time says nothing of this time.
		dialog.returnValue = "";
		byId("key-wrong").hidden = !key.get() || asked.type !== "keywanted";
		dialog.showModal();
	};
	addEventListener("keywanted", ask);
	byId("key").addEventListener("click", ask);
	dialog.addEventListener("close", () => {
		const typed = byId("key-value").value.trim();
		byId("key-value").value = "";
		if (dialog.returnValue !== "use") return;
		key.set(typed);
		again();
	});
}

class Page {
	/** @param {Described} what */
	constructor(what) {
		/** @type {Tab} */
		this.tab = "list";
		this.due = 0;
		this.wishes = new Wishes(what, () => this.changed());
		this.views = {
			list: new ListView(byId("panel-list"), this.wishes),
			compare: new CompareView(byId("panel-compare"), this.wishes, () => this.keep(), () => this.changed()),
			answer: new AnswerView(byId("panel-answer"), what.about.sidecar),
		};
		this.#tabs();
		byId("wishes").addEventListener("submit", (event) => {
			event.preventDefault();
			this.make();
			// On a phone the list is below the form.
			if (byId("results").getBoundingClientRect().top > innerHeight / 2) byId("results").scrollIntoView();
		});
		byId("stop").addEventListener("click", () => this.view.stop());
		byId("live").addEventListener("change", () => byId("live").checked && this.changed());
		this.wishes.user = what.users[0]?.id ?? "";
		if (!this.wishes.user) this.wishes.who = "nobody";
		const { tab, wishes, sides } = remembered();
		this.wishes.take(wishes);
		if (Array.isArray(sides) && sides.length === 2) this.views.compare.set(sides.map((/** @type {Setting?} */ side) => side ?? {}));
		this.open(TABS.includes(tab) ? tab : "list");
	}

	get view() {
		return this.views[this.tab];
	}

	#tabs() {
		const tabs = TABS.map((name) => byId(`tab-${name}`));
		tabs.forEach((tab, place) => {
			tab.addEventListener("click", () => this.open(TABS[place]));
			tab.addEventListener("keydown", (press) => {
				const to = new Map([["ArrowRight", place + 1], ["ArrowLeft", place - 1], ["Home", 0], ["End", TABS.length - 1]]).get(press.key);
				if (to === undefined) return;
				press.preventDefault();
				const next = (to + TABS.length) % TABS.length;
				this.open(TABS[next]);
				tabs[next].focus();
			});
		});
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
		byId("make").textContent = name === "compare" ? "Compare" : "Make the list";
		byId("how").hidden = name === "compare";
		// It is made anew when its tab is opened; the others' work goes on.
		if (name !== "list") this.views.list.stop();
		this.keep();
		// Answers are asked for; lists are there at once.
		if (name === "list") this.make();
	}

	make() {
		clearTimeout(this.due);
		this.view.make();
	}

	changed() {
		this.keep();
		clearTimeout(this.due);
		if (this.tab !== "answer" && byId("live").checked) this.due = setTimeout(() => this.make(), SETTLED_MS);
	}

	keep() {
		const sides = this.views.compare.sides.map(({ setting }) => setting);
		history.replaceState(null, "", `#${encodeURIComponent(JSON.stringify({ tab: this.tab, wishes: this.wishes.kept, sides }))}`);
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
async function begin() {
	if (page) {
		page.make();
		return;
	}
	byId("wishes").inert = true;
	try {
		const what = await described();
		byId("about").textContent = [what.about.model ?? "no model", `${what.catalogue.items.toLocaleString("en")} items`, what.catalogue.version].join(" · ");
		leave(byId("panel-list"));
		fill(byId("panel-list"));
		byId("wishes").inert = false;
		page = new Page(what);
	} catch (error) {
		fill(byId("panel-list"), h("div", {}, fault(error, { again: begin })));
	}
}

// The part of the address after its # holds the settings: who skips must not lose them.
document.querySelector(".skip")?.addEventListener("click", (event) => {
	event.preventDefault();
	byId("results").focus();
});
addEventListener("hashchange", () => location.reload());
theming();
keys(begin);
begin();
