// Commands that outlive the page: kept in the browser until the server has answered, and sent again under their ids by
// a later page of the same person, which the server applies once (A5). Nobody else's page sends them, nor their own in
// another account, nor one beside a page that is alive: each page keeps its own.
import type { Name, Refusal, Result } from "./commands";

export interface KeptCommand {
  key: string;
  name: Name;
  payload: object;
  /** Milliseconds since 1970, by the browser's clock. */
  at: number;
  /** The drafts it was made of, by name, which go when the server has taken it. */
  drafts: Readonly<Record<string, string>>;
}

/** A command of a former page that the server did not take. */
export interface RefusedLater {
  text: string;
  refusal: Refusal;
}

const KEY = "resolutionflow.held.";
const DRAFT = "resolutionflow.draft.";
/** What was meant a day ago is not sent as if it were meant now. */
const KEPT_FOR = 24 * 3_600_000;

/** Whose a thing of this browser is: the same user may work in two accounts. */
export function ownerOf({ account, user }: { account: { id: string }; user: { id: string } }): string {
  return `${account.id}.${user.id}`;
}

export function isStillMeant({ at }: KeptCommand): boolean {
  return Date.now() - at < KEPT_FOR;
}

/** `where` names the owner and the page. Answers whether it is kept: a browser may have no room for it. */
export function keep(where: string, { key, name, payload, at, drafts }: KeptCommand): boolean {
  const known = read(where);
  const command = { key, name, payload, at, drafts };
  const isKnown = known.some((one) => one.key === key);
  return write(where, isKnown ? known.map((one) => (one.key === key ? command : one)) : [...known, command]);
}

export function letGo(where: string, key: string): void {
  const left = read(where).filter((one) => one.key !== key);
  write(where, left);
}

/** Drafts as they stand now; names are those within the account. */
export function draftsNow(account: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${account}.${name}`, readDraft(`${account}.${name}`)]));
}

export function readDraft(name: string): string {
  return localStorage.getItem(DRAFT + name) ?? "";
}

/** Empty text leaves nothing behind. Where a browser has no room, the text lasts as long as the page. */
export function writeDraft(name: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(DRAFT + name);
    else localStorage.setItem(DRAFT + name, text);
  } catch {
    localStorage.removeItem(DRAFT + name); // rather none than an old one
  }
}

/** What came of a command that a former page left: its drafts go with it, or somebody has to be told. */
export function settleLater(command: KeptCommand, result: Result<unknown>, refused: (one: RefusedLater) => void): void {
  if (!result.ok) {
    if (result.error.code !== "offline") refused({ text: textOf(command.payload), refusal: result.error });
    return;
  }
  for (const [name, text] of Object.entries(command.drafts)) if (readDraft(name) === text) writeDraft(name, "");
}

/** The pages of this owner that have something left to do; of anybody, nothing is kept for longer. */
export function pagesOf(owner: string): string[] {
  const whole = Object.keys(localStorage).filter((key) => key.startsWith(KEY));
  for (const where of whole.map((key) => key.slice(KEY.length))) {
    const known = read(where);
    const young = known.filter(isStillMeant);
    if (young.length < known.length) write(where, young);
  }
  const mine = `${KEY}${owner}.`;
  return whole.filter((key) => key.startsWith(mine)).map((key) => key.slice(mine.length));
}

/** In order. */
export function keptAt(where: string): KeptCommand[] {
  return read(where).filter(isStillMeant);
}

/** What somebody would know the command by. */
function textOf(payload: object): string {
  const said = payload as { title?: unknown; ask?: unknown; result?: unknown };
  return [said.title, said.ask, said.result].find((text) => typeof text === "string") ?? "";
}

function read(where: string): KeptCommand[] {
  try {
    return JSON.parse(localStorage.getItem(KEY + where) ?? "[]") as KeptCommand[];
  } catch {
    return [];
  }
}

function write(where: string, commands: readonly KeptCommand[]): boolean {
  try {
    if (commands.length === 0) localStorage.removeItem(KEY + where);
    else localStorage.setItem(KEY + where, JSON.stringify(commands));
    return true;
  } catch {
    return false;
  }
}
