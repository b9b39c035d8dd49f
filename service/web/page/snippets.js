/** The request that was made, as others would make it. */

import { at, key } from "./api.js";
import { copying, folded, h } from "./dom.js";

/** For the shell: what is quoted in single quotes is taken as it is, but for single quotes. */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export function curl(path, body) {
  return [
    `curl -s${body.stream ? "N" : ""} ${quoted(at(path))}`,
    "  -H 'Content-Type: application/json'",
    ...(key.get() ? ['  -H "Authorization: Bearer $LISTWRIGHT_API_KEY"'] : []),
    `  -d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n");
}

/** A value as Python writes it: JSON but for three names. */
export function literal(value, indent = "    ") {
  const deeper = `${indent}    `;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  // U+2028 and its like are plain letters to both.
  if (typeof value !== "object") return JSON.stringify(value);
  const flat = JSON.stringify(value).length < 60;
  const parts = Array.isArray(value)
    ? value.map((each) => literal(each, deeper))
    : Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each, deeper)}`);
  const [first, last] = Array.isArray(value) ? "[]" : "{}";
  return flat ? `${first}${parts.join(", ")}${last}` : `${first}\n${parts.map((part) => `${deeper}${part},\n`).join("")}${indent}${last}`;
}

export function python(path, body) {
  const bare = Object.fromEntries(Object.entries(body).filter(([name]) => name !== "stream"));
  return [
    "import os",
    "",
    "import httpx",
    "",
    ...(key.get() ? ['headers = {"Authorization": f"Bearer {os.environ[\'LISTWRIGHT_API_KEY\']}"}'] : []),
    `body = ${literal(bare, "")}`,
    `answer = httpx.post(${JSON.stringify(at(path))}, json=body${key.get() ? ", headers=headers" : ""}, timeout=30).raise_for_status().json()`,
    "print(answer)",
  ].filter((said, place) => key.get() || place > 1).join("\n");
}

/** The request as code, shown and to be copied. */
export function snippets(path, body) {
  const shell = curl(path, body);
  const script = python(path, body);
  return folded(`code-${path}`, "The request as code", [
    h("p", { class: "actions" }, copying("Copy as curl", () => shell), copying("Copy as Python", () => script)),
    h("pre", { tabindex: 0, "aria-label": "As curl", class: "code" }, shell),
    h("pre", { tabindex: 0, "aria-label": "As Python", class: "code" }, script),
  ]);
}
