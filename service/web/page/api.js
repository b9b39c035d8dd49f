/** Requests to the service this page came from. */

import { keeping } from "./storage.js";

/** An error in the one shape that the service has for all of them. */
export class ApiError extends Error {
	/** @param {Partial<Api.ErrorDetail>} said @param {number?} retryAfter */
	constructor(status = 0, said = {}, retryAfter = null) {
		super(said.message ?? `the service answered ${status}`);
		this.status = status;
		this.code = said.code ?? "no_answer";
		this.hint = said.hint ?? "";
		this.requestId = said.request_id ?? "";
		this.retryAfter = retryAfter;
	}
}

export const key = keeping(() => sessionStorage, "listwright-key");

/** Where a path of the API is, wherever this page is served. */
export const at = (path = "") => new URL(path, document.baseURI).href;

/** @param {object} [body] @param {AbortSignal} [signal] */
async function sent(method = "", path = "", body, signal) {
	const headers = new Headers(body && { "Content-Type": "application/json" });
	if (key.get()) headers.set("Authorization", `Bearer ${key.get()}`);
	let response;
	try {
		response = await fetch(at(path), { method, headers, signal, body: body && JSON.stringify(body) });
	} catch (error) {
		if (error.name === "AbortError") throw error;
		throw new ApiError(0, { message: "The service cannot be reached.", hint: "Is it running? Try again." });
	}
	if (response.ok) return response;
	throw await refused(response);
}

/** @param {Response} response */
async function refused(response) {
	const answer = await response.json().catch(() => ({}));
	const error = new ApiError(response.status, answer.error, Number(response.headers.get("Retry-After")) || null);
	// There was one when the page was loaded: the catalogue is another by now.
	if (error.code === "unknown_category") catalogueSeen("");
	if (error.status === 401) dispatchEvent(new CustomEvent("keywanted"));
	return error;
}

/** Tell which catalogue the service has now: what the page knows of it may be of another. */
export const catalogueSeen = (version = "") => dispatchEvent(new CustomEvent("catalogueseen", { detail: version }));

/** @type {Get} */
export const get = async (path) => (await sent("GET", path)).json();

/** @type {Post} */
export const post = async (path, body, signal) => (await sent("POST", path, body, signal)).json();

/**
 * Server-sent events of a request, as `{event, data}`, each the moment it comes.
 * @param {object} body @param {AbortSignal} signal
 */
export async function* streamed(path = "", body, signal) {
	const response = await sent("POST", path, body, signal);
	const reader = /** @type {ReadableStream} */ (response.body).pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	for (;;) {
		const { value, done } = await reader.read().catch(broken);
		if (done) return;
		rest += value;
		const blocks = rest.split(/\r?\n\r?\n/);
		rest = blocks.pop() ?? "";
		for (const block of blocks) if (block.trim()) yield event(block);
	}
}

/**
 * A connection that is lost on the way says nothing that a person could use.
 * @param {Error} error @returns {never}
 */
function broken(error) {
	if (error.name === "AbortError") throw error;
	throw new ApiError(0, { message: "The connection was lost before the list was whole.", hint: "Try again." });
}

function event(block = "") {
	const found = { event: "message", data: "" };
	for (const line of block.split(/\r?\n/)) {
		const [name, ...value] = line.split(":");
		const said = value.join(":").replace(/^ /, "");
		if (name === "event") found.event = said;
		else if (name === "data") found.data += said;
	}
	return { event: found.event, data: JSON.parse(found.data) };
}
