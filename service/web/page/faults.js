/** What went wrong, where it went wrong, and what can be done. */

import { ApiError } from "./api.js";
import { h, say } from "./dom.js";

/** @type {Record<string, string>} */
const NAMES = {
	conflicting_controls: "These controls cannot all hold",
	unauthorized: "A key is needed",
	forbidden: "This key may not",
	rate_limited: "Too many requests with this key",
	overloaded: "The service is busy",
	unknown_category: "There is no such category",
	no_answer: "No answer",
	no_model: "There is no model here",
};

/**
 * What anything that went wrong is as an error of the service: what is no such one is of the page.
 * @param {Error} error @returns {ApiError}
 */
export const known = (error) => error instanceof ApiError ? error : new ApiError(0, {
	code: "page", message: `The page could not read the answer: ${error.message}`, hint: "Reload the page: the service may be newer than it is.",
});

/** @param {ApiError} error */
const titled = ({ code, hint }) =>
	// The service's own way of saying that no control is to blame.
	code === "conflicting_controls" && hint.startsWith("Lower k:") ? "Fewer items are left than the list needs" : NAMES[code] ?? "That did not work";

/** @param {Error} thrown @param {Ways} ways */
export function fault(thrown, ways = {}) {
	const error = known(thrown);
	const title = titled(error);
	say(`${title}. ${error.message} ${error.hint}`);
	const waiting = error.retryAfter ? ` It may work in ${error.retryAfter} s.` : "";
	return h("div", { class: "notice bad", "data-code": error.code },
		h("h2", {}, title),
		h("p", {}, error.message),
		(error.hint || waiting) && h("p", { class: "hint" }, error.hint, waiting),
		h("p", { class: "actions" },
			error.code === "conflicting_controls" && error.hint.includes("relax\"") && ways.relax
				&& h("button", { onclick: ways.relax }, "Let go of the fewest controls"),
			error.code === "unauthorized" && h("button", { onclick: () => dispatchEvent(new CustomEvent("keywanted")) }, "Enter a key"),
			ways.again && h("button", { onclick: ways.again }, "Try again")),
		h("p", { class: "small" }, [error.code, error.status || "", error.requestId && `request ${error.requestId}`].filter(Boolean).join(" · ")));
}
