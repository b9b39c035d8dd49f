/** A field that completes what is typed: a combobox with a list below it. */

import { fill, h, plural, say, unique } from "./dom.js";

const SETTLED_MS = 120;

/** @type {Suggest} */
export function suggesting(wanted) {
	const id = unique("suggest");
	// What scrolls is a stop of the Tab key, unless it says otherwise; this list closes on the way.
	const list = h("ul", { role: "listbox", id: `${id}-list`, "aria-label": wanted.label, tabindex: -1, hidden: true });
	const input = h("input", {
		id, role: "combobox", type: "text", autocomplete: "off", spellcheck: "false", "aria-expanded": "false",
		"aria-controls": list.id, "aria-autocomplete": "list", placeholder: wanted.placeholder ?? "",
	});
	const told = h("p", { class: "hint bad" });
	const state = { found: /** @type {Suggestion<any>[]} */ ([]), at: -1, asked: 0, timer: 0, sought: "" };

	const close = () => {
		clearTimeout(state.timer);
		state.asked += 1;
		state.at = -1;
		list.hidden = true;
		input.setAttribute("aria-expanded", "false");
		input.removeAttribute("aria-activedescendant");
	};
	const move = (to = 0) => {
		state.at = (to + state.found.length) % state.found.length;
		[...list.children].forEach((line, place) => line.setAttribute("aria-selected", String(place === state.at)));
		const line = list.children[state.at];
		input.setAttribute("aria-activedescendant", line.id);
		line.scrollIntoView({ block: "nearest" });
	};
	const tell = (problem = "") => { told.textContent = problem; };
	/** @param {Suggestion<any>} found */
	const take = (found) => {
		input.value = wanted.keep ? found.text : "";
		tell("");
		close();
		wanted.pick(found);
	};
	/** @param {Suggestion<any>[]} found */
	const show = (found) => {
		state.found = found;
		state.at = -1;
		input.removeAttribute("aria-activedescendant");
		fill(list, ...found.map((one, place) => h("li", {
			role: "option", id: `${id}-${place}`, "aria-selected": "false",
			// The field must not lose the focus before the click has been seen.
			onmousedown: (press) => press.preventDefault(), onclick: () => take(one),
		}, h("span", {}, one.text), one.note && h("small", {}, one.note))));
		list.hidden = !found.length;
		input.setAttribute("aria-expanded", String(Boolean(found.length)));
		if (document.activeElement === input && input.value) say(found.length ? `${plural(found.length, "suggestion")}` : "Nothing found");
	};
	const look = async (text = input.value.trim()) => {
		state.asked += 1;
		const mine = state.asked;
		state.sought = input.value;
		const found = await Promise.resolve(text).then(wanted.find).catch((error) => error);
		if (mine !== state.asked || document.activeElement !== input) return;
		show(found instanceof Error ? [] : found);
		tell(found instanceof Error ? found.message : input.value.trim() && !found.length ? "Nothing found" : "");
		// What went wrong is not "nothing found", for whoever listens as well.
		if (found instanceof Error) say(found.message);
	};
	/** @type {Record<string, () => unknown>} */
	const keys = {
		ArrowDown: () => (list.hidden ? look() : move(state.at + 1)),
		ArrowUp: () => (list.hidden ? look() : move(state.at < 0 ? -1 : state.at - 1)),
		Enter: async () => {
			// Who types fast presses Enter before what was typed has been looked for.
			if (input.value !== state.sought) await look();
			if (!list.hidden && state.found.length && (input.value || state.at >= 0)) take(state.found[Math.max(0, state.at)]);
		},
		Escape: close,
	};

	input.addEventListener("input", () => {
		clearTimeout(state.timer);
		state.timer = setTimeout(() => look(), SETTLED_MS);
	});
	input.addEventListener("focus", () => {
		// What stands there was picked: whoever comes back wants another.
		if (wanted.keep) input.select();
		look(wanted.keep ? "" : undefined);
	});
	input.addEventListener("blur", () => {
		const typed = input.value.trim();
		const exact = state.found.find(({ text }) => text.toLowerCase() === typed.toLowerCase());
		close();
		if (!typed || wanted.keep) return;
		if (exact) take(exact);
		else tell("Not chosen: pick one of the suggestions.");
	});
	input.addEventListener("keydown", (press) => {
		if (press.key === "Backspace" && !input.value) wanted.back?.();
		const does = keys[press.key];
		if (!does || (press.key === "Escape" && list.hidden)) return;
		// Enter belongs to the suggestions: the whole form is sent by its button.
		press.preventDefault();
		does();
	});
	const field = h("div", { class: "suggest" }, h("label", { for: id }, wanted.label), h("div", { class: "over" }, input, list), told);
	return { field, input };
}
