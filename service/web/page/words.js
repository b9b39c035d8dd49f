/** The page's words, explained where they stand. */

import { folded, h } from "./dom.js";

const THINKING = ["thinking first", "A model writes some sentences about what is asked, and the model that answers reads them. A thought that is late is left out. The sidecar is a second, small model beside the service."];
const WEIGHT = ["prior weight", "How much the retrievers' scores count against the model's liking: at 0 the model decides alone, at 100 hardly at all. \"As tuned\" did best for past users."];
const WORDS_WEIGHT = ["how much the words count", "Beside what somebody met: twice or four times as much as was tuned. It moves what is likely, never what is possible."];
const DEGRADED = ["degraded", "Something that should have helped was late or failed. What is promised holds all the same."];

/** @type {Record<string, string[][]>} */
const WORDS = {
	how: [
		["strategy", "How the list is made. Whichever it is, every line obeys the controls."],
		["auto", "The retrievers, unless the model's lists were measured to be better and can be there in time."],
		["generate", "The model writes titles, and can only write those that may stand there."],
		["rank", "The model reads the best candidates once and says how well each fits."],
		["retrieve", "No model is asked: what the retrievers score best."],
		WEIGHT, WORDS_WEIGHT, THINKING,
	],
	receipt: [
		["receipt", "What a part of the service that did not make the list counted on it. Verify has it counted again."],
		["made by (path)", "llm: the model. ranked: the retrievers' scores. popular: only what is popular was known."],
		["model, retrievers, popular, repair", "Beside each line: who put it there."],
		WORDS_WEIGHT,
		["of the history unknown", "Items that somebody met, and this catalogue does not have: nothing is learnt from them."],
		["repaired", "How many lines were added where the model's were missing, under the same controls."],
		["let go (relaxed)", "Controls that were dropped, as few as will do, since no list can obey all. Only if asked for."],
		DEGRADED,
		["catalogue", "The version of all items: a short hash of what they are."],
		["ranker", "The version of what learnt from past users (sasrec)."],
	],
	made: [
		["stages", "history: what the user met is read. plan: controls become counts. candidates: retrievers name and score items. think: a model thinks first. draft: the list is filled. finish: what is missing is added. validate: all is counted. keep: it is remembered."],
		["considered", "The ten best to begin with. Prior is what the retrievers say together, a log-probability: nearer to 0 is likelier."],
		["sasrec", "What users met next after histories like this one."],
		["similarity", "How much an item resembles those met last, by the meaning of title and categories."],
		["search", "How near an item is to what the wish means."],
		["mentions", "How many of the categories that the wish names it has."],
		["popularity", "How often it was met, by anybody."],
		["inside", "In the JSON: stages, prompt and candidates, told only where this page is served."],
	],
	compare: [
		["free", "Nothing holds the model to the catalogue or the controls; each line is checked afterwards."],
		["steered", "The same model and wish, but it can only write titles that may stand there."],
		["violation", "A line or control that breaks the promise: items that exist, none twice, none met before, every control kept."],
		WEIGHT, THINKING,
	],
	answer: [
		THINKING,
		["similar", "Resemblance: how near an option is in meaning to what is asked; 1 is the same. The model may be shown it, and it may count."],
		DEGRADED,
		["stages", "read: the question is taken apart. supplements: thinking and comparing at once. answer: the model answers. validate: it is checked."],
	],
};

export const words = (part = "") => folded(`words-${part}`, "What these words mean",
	h("dl", {}, WORDS[part].map(([word, said]) => [h("dt", {}, word), h("dd", {}, said)])), "words");
