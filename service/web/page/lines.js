/** The lines of a list. */

import { h } from "./dom.js";
import { hue } from "./colour.js";

const FROM = { llm: "model", ranked: "ranker", popular: "popular", repair: "repair" };
const WHERE_FROM = {
  llm: "The model put it here.", ranked: "The retrievers put it here.",
  popular: "It is popular; nothing else was known.", repair: "Selected where the model's line was missing.",
};

const dots = (categories) => h("ul", { class: "cats", "aria-label": "Categories" },
  categories.map((name) => h("li", { class: "dotted", "--hue": hue(name) }, name)));

/** A line of a list that keeps its promise. */
export function line(item, place, note = null) {
  return h("li", { class: "line", "--hue": hue(item.categories[0]) },
    h("span", { class: "place", "aria-hidden": "true" }, place),
    h("div", { class: "what" },
      h("span", { class: "title" }, item.title),
      dots(item.categories),
      item.reason && h("p", { class: "why" }, item.reason)),
    h("div", { class: "marks" },
      h("span", { class: `source ${item.source}`, title: WHERE_FROM[item.source] }, FROM[item.source]),
      note && h("span", { class: "note" }, note)));
}

/** A line that a model wrote freely, with what is amiss. */
export function writtenLine(written, place, note = null) {
  const bad = written.amiss.length > 0;
  return h("li", { class: bad ? "line broken" : "line", "--hue": hue(written.categories[0]) },
    h("span", { class: "place", "aria-hidden": "true" }, place),
    h("div", { class: "what" },
      h("span", { class: "title short", title: written.text }, written.title ?? written.text),
      dots(written.categories),
      written.amiss.map(({ message }) => h("p", { class: "amiss" }, h("b", { "aria-hidden": "true" }, "✗ "), message))),
    h("div", { class: "marks" }, h("span", { class: "source free" }, "model"), note && h("span", { class: "note" }, note)));
}

/** A place in the list that is yet to be filled. */
export const open = (place) => h("li", { class: "line open", "aria-hidden": "true" }, h("span", { class: "place" }, place), h("div", { class: "what" }, h("span", { class: "title" }, "\u00a0")));
