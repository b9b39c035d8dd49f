/** A category has one hue, wherever and whenever it is shown. */

/** 0 to 359, from the name alone: no list of categories is known beforehand. */
export function hue(name = "") {
  let mixed = 2166136261;
  for (const letter of name) mixed = Math.imul(mixed ^ letter.codePointAt(0), 16777619);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % 360;
}
