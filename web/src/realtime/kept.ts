// Commands that outlive the page: kept in the browser until the server has answered, and sent again under their ids by
// the next page of the same person, which the server applies once (A5). Nobody else's page sends them.
import type { Name, Refusal, Result } from "./commands";

export interface KeptCommand {
  key: string;
  name: Name;
  payload: object;
  /** Milliseconds since 1970, by the browser's clock. */
  at: number;
  /** Names of the drafts it was made of, which go when the server has taken it. */
  drafts: readonly string[];
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

/** Answers whether it is kept: a browser may have no room for it. */
export function keep(me: string, { key, name, payload, at, drafts }: KeptCommand): boolean {
  const known = read(me);
  const command = { key, name, payload, at, drafts };
  const isKnown = known.some((one) => one.key === key);
  return write(me, isKnown ? known.map((one) => (one.key === key ? command : one)) : [...known, command]);
}

export function letGo(me: string, key: string): void {
  const left = read(me).filter((one) => one.key !== key);
  write(me, left);
}

/** What came of a command that a former page left: its drafts go with it, or somebody has to be told. */
export function settleLater(command: KeptCommand, result: Result<unknown>, refused: (one: RefusedLater) => void): void {
  if (result.ok) for (const name of command.drafts) localStorage.removeItem(DRAFT + name);
  else if (result.error.code !== "offline") refused({ text: textOf(command.payload), refusal: result.error });
}

/** What a former page of this person had not brought to its end, in order; of anybody, nothing is kept for longer. */
export function keptOf(me: string): KeptCommand[] {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(KEY)) continue;
    const whose = key.slice(KEY.length);
    const known = read(whose);
    const young = known.filter((one) => Date.now() - one.at < KEPT_FOR);
    if (young.length < known.length) write(whose, young);
  }
  return read(me);
}

/** What somebody would know the command by. */
function textOf(payload: object): string {
  const said = payload as { title?: unknown; ask?: unknown; result?: unknown };
  return [said.title, said.ask, said.result].find((text) => typeof text === "string") ?? "";
}

function read(me: string): KeptCommand[] {
  try {
    return JSON.parse(localStorage.getItem(KEY + me) ?? "[]") as KeptCommand[];
  } catch {
    return [];
  }
}

function write(me: string, commands: readonly KeptCommand[]): boolean {
  try {
    if (commands.length === 0) localStorage.removeItem(KEY + me);
    else localStorage.setItem(KEY + me, JSON.stringify(commands));
    return true;
  } catch {
    return false;
  }
}
