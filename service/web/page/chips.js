/** Things that were chosen, each with a way to let go of it. */

import { fill, h, say } from "./dom.js";
import { hue } from "./colour.js";

/** A list of chips; `left` takes the focus when the last one is gone. */
export function chips(label, things, drop, left, coloured = true) {
  const list = h("ul", { class: "chips", "aria-label": label });
  const draw = () => {
    fill(list, ...things().map((thing, place) => h("li", { class: coloured ? "chip dotted" : "chip", "--hue": hue(thing.text) },
      h("span", {}, thing.text),
      h("button", { type: "button", "aria-label": `Remove ${thing.text}`, onclick: () => remove(thing, place) }, "×"))));
    list.hidden = !things().length;
  };
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
