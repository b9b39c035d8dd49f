/**
 * The shapes that the page's modules share; nobody is served this file.
 *
 * What the service takes and answers is in `Api`, and which elements the page has in `Ids`:
 * `make lint` makes both, of the service's schema and of index.html (tests/web/shapes.py).
 */

/** Elements that a module makes. */
interface Ids {
  ask: "button";
}

type ById = <Id extends keyof Ids>(id: Id) => HTMLElementTagNameMap[Ids[Id]];

type Child = Node | string | number | false | null | undefined | Child[];

interface Attributes {
  [listener: `on${string}`]: (event: any) => unknown;
  [name: string]: unknown;
}

type Make = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes?: Attributes,
  ...children: Child[]
) => HTMLElementTagNameMap[Tag];

/* Short names: what stands in the page's comments is sent with it. */
type List = Api.RecommendAnswer;
type Item = Api.ListedItem;
type Free = Api.FreeAnswer;
type FreeLine = Api.FreeLineAnswer;
type Answered = Api.QuestionAnswer;
type Control = Api.ControlAccount;
type Help = Api.SupplementAccount;
type About = Api.AboutAnswer;
type Cot = Api.Cot;
type Strategy = Api.Strategy;
type Op = Api.Op;
type Ask = Api.AnswerRequest;
type Stage = Api.StageShown;
type Known = Api.KnownUserAnswer;

/** What each road answers. */
type Get = <Path extends string>(path: Path) => Promise<Got<Path>>;
type Got<Path> = Path extends "about"
  ? About
  : Path extends "catalogue"
    ? Api.CatalogueAnswer
    : Path extends `users/${string}/history`
      ? Api.HistoryAnswer
      : Path extends `users?${string}`
        ? Api.UsersAnswer
        : Path extends `items?${string}`
          ? Api.ItemsAnswer
          : never;
type Post = <Path extends keyof Posted>(
  path: Path,
  body: Posted[Path][0],
  signal?: AbortSignal,
) => Promise<Posted[Path][1]>;
interface Posted {
  answer: [Ask, Answered];
  recommend: [Api.RecommendRequest, List];
  free: [Api.FreeRequest, Free];
  verify: [{ answer: List; history?: unknown; user_id?: unknown }, Api.VerifyAnswer];
}

/** What is chosen in a field, as what it is taken for. */
type Choose = <Value extends string>(
  field: HTMLSelectElement,
  wanted?: unknown,
) => Value | undefined;

type Tab = "list" | "compare" | "answer";
type Who = "user" | "own" | "nobody";
type Way = Strategy | "free";

type Described = Awaited<ReturnType<typeof import("./page/wishes.js").described>>;

/** An item of a history that was composed in the form. */
interface Met {
  id: string;
  title: string;
}

/** A bound on a share, as its slider has it. */
interface Bound {
  category: string;
  op: Op;
  percent: number;
}

/** How one side of a comparison has its list made. */
interface Setting {
  way: Way;
  weight?: number | null;
  cot?: Cot;
}

/** Which lists are asked for, whoever makes them. */
type Asked = Pick<Api.RecommendRequest, "user_id" | "history" | "intent"> & { k: number };
type Weighed = Pick<Api.RecommendRequest, "wish_weight">;
type Order = Api.RecommendRequest & { k: number };

type Listed = (
  body: Order,
  signal: AbortSignal,
  came: (items: Item[]) => unknown,
) => Promise<List>;
type Quota = (bound: Pick<Bound, "op" | "percent">, k: number) => [number, number];
type Wanted = (intent: Api.IntentBody, items: Item[], k: number) => Gauge[];
type Accounted = (controls: Control[], k: number, relaxed?: boolean) => Gauge[];
type Row = (name: string, value: Child, good?: boolean) => HTMLElement;
type MakeSide = (asked: Asked & Weighed, signal: AbortSignal) => Promise<Shown>;

/** A control as its bar shows it: from `low` to `high` are wanted. */
interface Gauge {
  label: string;
  names: string[];
  low: number;
  high: number;
  got: number;
  k: number;
  holds?: boolean;
  relaxed?: boolean;
}

/** What a side of a comparison shows. */
interface Shown {
  ids: (string | null | undefined)[];
  broken: number;
  draw: (note: Note) => Child[];
}

type Note = (id: string | null | undefined) => string | null;

/** How often each promise was broken. */
type Violations = Record<string, number>;

/** The ways out of an error. */
interface Ways {
  again?: () => unknown;
  relax?: () => unknown;
}

type Wishes = import("./page/wishes.js").Wishes;
type ApiError = import("./page/api.js").ApiError;

/** What the form holds, and an address remembers. */
interface Kept {
  who: Who;
  user: string;
  history: Met[];
  text: string;
  query: string;
  include: string[];
  exclude: string[];
  shares: Bound[];
  k: number;
  strategy: Strategy;
  weight: number | null;
  cot: Cot;
  wish: number | null;
}
type SetWish = <Name extends keyof Kept>(name: Name, value: Kept[Name]) => void;

interface Suggestion<Value> {
  value: Value;
  text: string;
  note?: string;
}

type Find = Suggesting<string>["find"];

/** A field that completes. `back`: Backspace finds nothing to delete; `keep`: what was picked stays. */
interface Suggesting<Value> {
  label: string;
  placeholder?: string;
  find: (text: string) => Suggestion<Value>[] | Promise<Suggestion<Value>[]>;
  pick: (found: Suggestion<Value>) => unknown;
  back?: () => unknown;
  keep?: boolean;
}

type Suggest = <Value>(wanted: Suggesting<Value>) => { field: HTMLElement; input: HTMLInputElement };

/** Things that were chosen. `left` takes the focus when the last one is gone. */
type Chips = <Thing extends { text: string; note?: string }>(
  label: string,
  things: () => Thing[],
  drop: (thing: Thing) => unknown,
  left: () => HTMLElement,
  coloured?: boolean,
) => { list: HTMLElement; draw: () => void };
