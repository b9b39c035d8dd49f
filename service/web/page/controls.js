/** What controls want of a list, in numbers and in words. The receipt has the last word. */

const HOW = { "<=": "at most", ">=": "at least", "~": "about" };
export const OPS = Object.keys(HOW);
export const inWords = (op) => HOW[op];

/** The least and the most items that a share allows in a list of k. */
export function quota({ op, percent }, k) {
  const part = (percent * k) / 100;
  if (op === "<=") return [0, Math.floor(part)];
  if (op === ">=") return [Math.ceil(part), k];
  const near = Math.floor(part + 0.5);
  return [near, near];
}

export function bounds(low, high, k) {
  if (low === high) return low === 0 ? "none" : low === k ? `all ${k}` : `exactly ${low}`;
  return low === 0 ? `at most ${high}` : high === k ? `at least ${low}` : `${low} to ${high}`;
}

/** The controls of an intent before there is a receipt: `got` is counted from what has come. */
export function wanted(intent, items, k) {
  const having = (names) => items.filter((item) => item.categories.some((name) => names.includes(name))).length;
  const found = [];
  const add = (label, names, low, high) => found.push({ label, names, low, high, got: having(names), k });
  if (intent.include?.length) add(`only ${intent.include.join(" or ")}`, intent.include, k, k);
  for (const name of intent.exclude ?? []) add(`nothing of ${name}`, [name], 0, 0);
  for (const each of intent.shares ?? []) {
    const percent = Math.round(each.share * 100);
    add(`${each.category}: ${HOW[each.op]} ${percent}%`, [each.category], ...quota({ op: each.op, percent }, k));
  }
  return found;
}

/** The controls as a receipt has them. */
export function accounted(controls, k, relaxed = false) {
  return controls.map((control) => {
    const [, op, number] = /^(<=|>=|=)(\d+)$/.exec(control.want);
    const most = Number(number);
    const label = {
      include: `only ${control.category}`,
      exclude: `nothing of ${control.category}`,
      share: `${control.category}: ${HOW[control.op]} ${Math.round(control.share * 1000) / 10}%`,
    }[control.kind];
    return {
      label, names: control.categories, got: control.got, holds: control.holds, k, relaxed,
      low: op === "<=" ? 0 : most, high: op === ">=" ? k : most,
    };
  });
}
