/** Two ways to make the same list, side by side. */

import { post } from "./api.js";
import { accounted, wanted } from "./controls.js";
import { byId, duration, fill, folded, h, leave, plural, say } from "./dom.js";
import { fault } from "./faults.js";
import { gauges } from "./gauges.js";
import { line, writtenLine } from "./lines.js";
import { listed } from "./list.js";

const WAYS = {
  free: "The model, free", generate: "The model, steered", rank: "The model weighs", retrieve: "The ranker", auto: "auto",
};
const PRESETS = [
  ["Free against steered", { way: "free" }, { way: "generate", weight: null }],
  ["Weight 0 against tuned", { way: "generate", weight: 0 }, { way: "generate", weight: null }],
  ["Ranker against model", { way: "retrieve", weight: null }, { way: "rank", weight: null }],
];
const KINDS = {
  missing: "missing", surplus: "too many", nonexistent: "not in the catalogue", repeat: "listed twice", in_history: "met before", control: "broken control",
};

class Side {
  constructor(name, can, changed) {
    this.name = name;
    this.way = h("select", { "aria-label": `${name}: made by`, onchange: changed }, Object.entries(WAYS).map(([value, text]) => h("option", { value, disabled: !can(value) }, text)));
    this.weight = h("select", { "aria-label": `${name}: prior weight`, onchange: changed },
      [["", "weight as tuned"], ["0", "weight 0"], ["0.5", "weight 0.5"], ["1", "weight 1"], ["2", "weight 2"], ["5", "weight 5"]].map(([value, text]) => h("option", { value }, text)));
    this.head = h("p", { class: "verdict" });
    this.bars = h("div", {});
    this.lines = h("ol", { class: "lines", "aria-label": `List ${name}` });
    this.section = h("section", { class: "side", "aria-label": `Side ${name}` },
      h("div", { class: "settings" }, h("b", {}, name), this.way, this.weight), this.head, this.bars, this.lines);
    this.way.addEventListener("change", () => this.draw());
  }

  /** What an address says may be anything. */
  set({ way, weight = null }) {
    if (Object.hasOwn(WAYS, way)) this.way.value = way;
    const there = [...this.weight.options].some(({ value }) => value === String(weight));
    this.weight.value = there ? String(weight) : "";
    this.draw();
  }

  get setting() {
    return { way: this.way.value, weight: this.weight.value === "" ? null : Number(this.weight.value) };
  }

  draw() {
    this.weight.hidden = ["free", "retrieve"].includes(this.way.value);
  }

  /** Nothing of what was there is left. */
  wait(said = "…") {
    this.made = null;
    fill(this.head, said);
    leave(this.lines);
    fill(this.lines);
    fill(this.bars);
  }

  /** Has the list made, and shows it; the ids that stand in it. */
  async make(asked, signal) {
    this.signal = signal;
    this.section.setAttribute("aria-busy", "true");
    this.wait("Making …");
    try {
      this.made = this.way.value === "free" ? await this.#free(asked, signal) : await this.#steered(asked, signal);
    } catch (error) {
      if (signal !== this.signal) return;
      this.made = null;
      fill(this.head, error.name === "AbortError" && "Stopped.");
      if (error.name === "AbortError") return;
      fill(this.lines, h("li", {}, fault(error, { again: () => this.make(asked, signal) })));
    } finally {
      if (signal === this.signal) this.section.setAttribute("aria-busy", "false");
    }
  }

  async #free(asked, signal) {
    const made = await post("free", asked, signal);
    fill(this.bars, gauges(accounted(made.controls, made.k)));
    const violations = counted(made);
    this.#judged(violations, made.timings.total, made.model, made.stopped);
    return { ids: made.lines.map((each) => each.id), draw: (note) => written(made, note), broken: broken(violations) };
  }

  async #steered(asked, signal) {
    const { way, weight } = this.setting;
    // Made for itself: what is kept from before would say nothing of the time it takes.
    const body = { ...asked, strategy: way, explain: true, inside: true, stream: true, ...(weight === null ? {} : { prior_weight: weight }) };
    const answer = await listed(body, signal, (items) => {
      this.lines.append(line(items.at(-1), items.length));
      fill(this.bars, gauges(wanted(asked.intent ?? {}, items, asked.k)));
    });
    const said = answer.receipt;
    fill(this.bars, gauges(accounted(said.controls, said.k)));
    const violations = { nonexistent: said.k - said.exists, repeat: said.repeats, in_history: said.in_history, control: said.controls.filter(({ holds }) => !holds).length };
    this.#judged(violations, answer.timings.total, said.model ?? said.path);
    return { ids: answer.items.map(({ id }) => id), draw: (note) => answer.items.map((item, place) => line(item, place + 1, note(item.id))), broken: broken(violations) };
  }

  #judged(violations, milliseconds, by, stopped = null) {
    const count = broken(violations);
    const kinds = Object.entries(violations).filter(([, number]) => number).map(([kind, number]) => `${number} ${KINDS[kind]}`);
    fill(this.head,
      h("b", { class: count ? "bad" : "good" }, count ? `✗ ${plural(count, "violation")}` : "✓ no violation"),
      count ? `: ${kinds.join(", ")}` : "", h("span", { class: "small" }, ` · ${by} · ${duration(milliseconds)}${stopped ? ` · cut short: ${stopped}` : ""}`));
  }

  /** Marks what the other list has as well. */
  mark(others) {
    if (this.made) fill(this.lines, ...this.made.draw((id) => (id && others.includes(id) ? "in both" : null)));
  }
}

/** Each line once: one beyond what was asked for is that, whatever else is amiss with it. */
function counted({ k, lines, violations }) {
  const within = lines.slice(0, k).map(({ amiss }) => amiss.map(({ kind }) => kind));
  const having = (kind) => within.filter((kinds) => kinds.includes(kind)).length;
  return {
    missing: Math.max(0, k - lines.length), surplus: Math.max(0, lines.length - k),
    nonexistent: having("nonexistent"), repeat: having("repeat"), in_history: having("in_history"), control: violations.control ?? 0,
  };
}

/** What a model wrote; what it wrote beyond the list is folded away. */
function written({ k, lines }, note) {
  const drawn = lines.map((each, place) => writtenLine(each, place + 1, note(each.id)));
  const beyond = drawn.slice(k);
  if (!beyond.length) return drawn;
  return [...drawn.slice(0, k), h("li", {}, folded("beyond", `${beyond.length} more than were asked for`, h("ol", { class: "lines" }, beyond)))];
}

const broken = (violations) => Object.values(violations).reduce((sum, number) => sum + number, 0);

export class CompareView {
  /** `kept` is called when the settings changed, `changed` when the lists no longer are of them. */
  constructor(panel, wishes, about, kept, changed) {
    const { model, strategies } = about;
    const can = (way) => (way === "free" ? Boolean(model) : strategies.includes(way));
    this.wishes = wishes;
    this.sides = [new Side("A", can, changed), new Side("B", can, changed)];
    this.both = h("p", { class: "status" }, "Two ways to make the same list: choose a pair above, or set A and B and press Compare.");
    const presets = h("div", { class: "presets", role: "group", "aria-label": "What to compare" }, PRESETS.map(([name, a, b]) => h("button", {
      type: "button", disabled: !can(a.way) || !can(b.way), onclick: () => { this.set([a, b]); kept(); this.make(); },
    }, name)));
    if (!model) panel.append(h("p", { class: "notice" }, "This service has no model: there is only the ranker to compare."));
    panel.append(presets, this.both, h("div", { class: "sides" }, this.sides.map(({ section }) => section)));
    this.set(model ? [PRESETS[0][1], PRESETS[0][2]] : [{ way: "retrieve" }, { way: "auto" }]);
  }

  set(settings) {
    this.sides.forEach((side, place) => side.set(settings[place]));
  }

  stop() {
    this.asking?.abort();
  }

  async make() {
    this.stop();
    const asking = new AbortController();
    this.asking = asking;
    this.both.textContent = "";
    byId("stop").hidden = false;
    // One after the other: they would share one engine, and each would look slower than it is.
    for (const side of this.sides) side.wait();
    for (const side of this.sides) {
      if (!asking.signal.aborted) await side.make(this.wishes.asked, asking.signal);
      else side.wait("Stopped.");
    }
    if (asking !== this.asking) return;
    leave(byId("stop"), byId("make"));
    byId("stop").hidden = true;
    const [a, b] = this.sides.map(({ made }) => made);
    if (!a || !b) return;
    this.sides[0].mark(b.ids);
    this.sides[1].mark(a.ids);
    const shared = a.ids.filter((id) => id && b.ids.includes(id)).length;
    this.both.textContent = `${plural(shared, "item")} in both`;
    say(`A: ${plural(a.broken, "violation")}. B: ${plural(b.broken, "violation")}. ${plural(shared, "item")} in both.`);
  }
}
