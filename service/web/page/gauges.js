/** A bar for each control: how many it wants, how many there are. */

import { h } from "./dom.js";
import { hue } from "./colour.js";
import { bounds } from "./controls.js";

export function gauges(controls) {
  return controls.length ? h("ul", { class: "gauges", "aria-label": "Controls, wanted and got" }, controls.map(gauge)) : null;
}

function gauge({ label, names, low, high, got, holds, k, relaxed }) {
  const state = holds === undefined ? "open" : holds ? "holds" : relaxed ? "relaxed" : "broken";
  const count = Math.max(k, got, 1);
  const mark = { open: "…", holds: "✓", broken: "✗", relaxed: "○" }[state];
  const said = `${got} of ${k}, wanted ${bounds(low, high, k)}`;
  return h("li", { class: `gauge ${state}`, "--hue": hue(names[0]) },
    h("span", { class: "name" }, label),
    h("span", { class: "said" }, h("b", { "aria-hidden": "true" }, mark), ` ${said}`, { broken: ": broken", relaxed: ": let go" }[state]),
    h("span", { class: "bar", "aria-hidden": "true", "--low": low / count, "--high": Math.min(high, count) / count, "--got": got / count },
      h("i", { class: "band" }), h("i", { class: "fill" })));
}
