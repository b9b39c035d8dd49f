/** Bounds on how much of the list a category may take: a slider for each. */

import { byId, fill, h } from "./dom.js";
import { bounds, inWords, OPS, quota } from "./controls.js";
import { hue } from "./colour.js";
import { suggesting } from "./suggest.js";

export const MOST_SHARES = 4;
const START = { op: "<=", percent: 30 };

export class Shares {
  /** `wishes` holds `shares` and `k`; `find` completes categories; `changed` is called after each change. */
  constructor(wishes, find, changed) {
    this.wishes = wishes;
    this.changed = changed;
    this.rows = h("ul", { class: "shares", "aria-label": "Shares" });
    const { field, input } = suggesting({
      label: "Bound the share of", placeholder: "a category", find,
      pick: ({ value }) => this.#add(value),
    });
    this.trial = h("p", { class: "trial" });
    this.field = field;
    this.input = input;
    byId("shares").append(this.rows, field, this.trial);
  }

  /** One to begin with: a bound on what the list holds much of. */
  suggest(category) {
    const taken = this.wishes.shares.length;
    fill(this.trial, !taken && category && h("button", { type: "button", class: "quiet", onclick: () => this.#add(category) }, `Try: ${inWords(START.op)} ${START.percent}% ${category}`));
  }

  #add(category) {
    this.#set([...this.wishes.shares, { category, ...START }]);
    this.rows.lastElementChild.querySelector("input").focus();
  }

  #set(shares) {
    fill(this.trial);
    this.wishes.shares = shares;
    this.draw();
    this.changed();
  }

  /** Rows are drawn anew only if others are there: a slider that is moved must stay the same element. */
  draw() {
    const { shares, k } = this.wishes;
    if (shares.length !== this.drawn?.length || shares.some((share, place) => share !== this.drawn[place])) {
      fill(this.rows, shares.map((share) => this.#row(share)));
      this.drawn = [...shares];
    }
    shares.forEach((share, place) => {
      const row = this.rows.children[place];
      const said = `${share.percent}%: ${bounds(...quota(share, k), k)} of ${k}`;
      row.querySelector("output").textContent = said;
      row.querySelector("select").value = share.op;
      row.querySelector("input").value = share.percent;
      row.querySelector("input").setAttribute("aria-valuetext", said);
    });
    this.field.hidden = shares.length >= MOST_SHARES;
  }

  #row(share) {
    const { category } = share;
    const slid = (event) => { share.percent = Number(event.target.value); this.draw(); };
    const turned = (event) => { share.op = event.target.value; this.draw(); this.changed(); };
    const dropped = () => { this.#set(this.wishes.shares.filter((each) => each !== share)); this.input.focus(); };
    return h("li", { class: "share", "--hue": hue(category) },
      h("span", { class: "name" }, category),
      h("select", { "aria-label": `How ${category} is bounded`, onchange: turned }, OPS.map((op) => h("option", { value: op }, inWords(op)))),
      h("button", { type: "button", "aria-label": `Remove the share of ${category}`, onclick: dropped }, "×"),
      h("input", { type: "range", min: 0, max: 100, step: 5, "aria-label": `Share of ${category} in percent`, oninput: slid, onchange: () => this.changed() }),
      h("output", {}));
  }
}
