/** Things that were chosen, each with a way to let go of it. */

import { fill, h, hue, say } from "./dom.js";

/** @type {Chips} */
export function chips(label, things, drop, left, coloured = true) {
	const list = h("ul", { class: "chips", "aria-label": label });
	const draw = () => {
		fill(list, ...things().map((thing, place) => h("li", { class: coloured ? "chip dotted" : "chip", "--hue": coloured && hue(thing.text) },
			h("span", {}, thing.text, thing.note && h("small", { class: "bad" }, ` (${thing.note})`)),
			h("button", { "aria-label": `Remove ${thing.text}`, onclick: () => remove(thing, place) }, "×"))));
		list.hidden = !things().length;
	};
	/** @type {(thing: any, place: number) => void} */
	const remove = (thing, place) => {
		drop(thing);
		draw();
		say(`${thing.text} removed`);
		const buttons = list.querySelectorAll("button");
		(buttons[Math.min(place, buttons.length - 1)] ?? left()).focus();
	};
	draw();
	return { list, draw };
}
