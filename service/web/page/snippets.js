/** The request that was made, as others would make it: without what only this page needs. */

import { at, key } from "./api.js";
import { copying, folded, h } from "./dom.js";

/** @type {Record<string, string>} */
const SHOWING = { answer: "print(made.text)", free: "for line in made.lines:\n    print(line.text)" };
const ONLY_HERE = ["inside", "stream"];
/** @type {Record<Op, string>} */
const SHARES = { "<=": "at_most", ">=": "at_least", "~": "about" };

/** @param {object} body @returns {Record<string, any>} */
const bare = (body) => Object.fromEntries(Object.entries(body).filter(([name]) => !ONLY_HERE.includes(name)));

/** For the shell: what is quoted in single quotes is taken as it is, but for single quotes. */
const quoted = (text = "") => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {object} body */
function curl(path = "", body) {
	return [
		`curl -s ${quoted(at(path))}`,
		"  -H 'Content-Type: application/json'",
		...(key.get() ? ['  -H "Authorization: Bearer $LISTWRIGHT_API_KEY"'] : []),
		`  -d ${quoted(JSON.stringify(bare(body)))}`,
	].join(" \\\n");
}

/**
 * A value as Python writes it: JSON but for three names.
 * @param {unknown} value @returns {string}
 */
function literal(value) {
	if (value === null) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	return Array.isArray(value) ? `[${value.map(literal).join(", ")}]` : JSON.stringify(value);
}

/** @param {Api.ShareBody} bound */
const share = (bound) => `${SHARES[bound.op]}(${literal(bound.category)}, ${bound.share})`;

/** @param {object} body */
function python(path = "", body) {
	const { intent = {}, question, ...rest } = bare(body);
	const { shares: bounds, ...wishes } = intent;
	/** @type {Api.ShareBody[]} */
	const shares = bounds ?? [];
	const said = Object.entries({ ...rest, ...wishes }).map(([name, value]) => `${name}=${literal(value)}`);
	if (shares.length) said.push(`shares=[${shares.map(share).join(", ")}]`);
	if (question !== undefined) said.unshift(literal(question));
	const names = ["Client", ...new Set(shares.map(({ op }) => SHARES[op]))].sort();
	return [
		`from listwright.client import ${names.join(", ")}`,
		"",
		...(key.get() ? ["# The key is read from LISTWRIGHT_API_KEY."] : []),
		`with Client(${literal(at("").replace(/\/$/, ""))}) as service:`,
		`    made = service.${path}(`,
		...said.map((each) => `        ${each},`),
		"    )",
		SHOWING[path] ?? "for item in made.items:\n    print(item.id, item.title)",
	].join("\n");
}

/**
 * The request as code, shown and to be copied.
 * @param {object} body
 */
export function snippets(path = "", body) {
	/** @type {[string, string][]} */
	const texts = [["curl", curl(path, body)], ["Python", python(path, body)]];
	const shown = texts.map(([name, text]) => h("pre", { tabindex: 0, "aria-label": `As ${name}`, class: "code" }, text));
	const buttons = texts.map(([name, text], place) => copying(`Copy as ${name}`, text, shown[place]));
	return folded(`code-${path}`, "The request as code", [h("p", { class: "actions" }, buttons), shown]);
}
