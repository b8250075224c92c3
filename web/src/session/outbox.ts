// Messages that were sent and are not yet in the conversation. They outlive the page: kept in the browser until the
// server has answered, and sent again under the same ids, which the server applies once (A5). Each page keeps its own.
import type { Payload, Refusal } from "../realtime/commands";
import type { Connection } from "../realtime/connection";
import { Store } from "../realtime/store";

export interface Unsent {
  id: string;
  kind: "note" | "client";
  body: string;
  ask: boolean;
  fencingToken: number | null;
  at: string;
  /** Why the server did not take it; its text is not lost by that. */
  refusal: Refusal | null;
}

const KEY = "resolutionflow.outbox.";
const A_DAY = 24 * 3_600_000;

export class Outbox {
  readonly unsent: Store<readonly Unsent[]>;
  private readonly underWay = new Set<string>();
  private readonly answered = new Set<string>();
  /** What is unsent is kept: a browser may have no room for it. */
  private isKept = true;
  private isSeen = false;

  constructor(
    private readonly connection: Connection,
    private readonly sessionId: string,
    private readonly key: string,
  ) {
    this.unsent = new Store(read(key));
  }

  post(message: Unsent): void {
    this.put([...this.unsent.get(), message]);
    void this.send(message);
  }

  /** Somebody looks at it: what former pages had not brought to its end is sent, however old it is. */
  resume(): void {
    this.isSeen = true;
    this.sendAll();
  }

  /** What a page kept there that is gone. Messages of days ago wait until somebody looks. */
  inherit(key: string): void {
    const here = new Set(this.unsent.get().map((one) => one.id));
    const left = read(key).filter((one) => !here.has(one.id));
    const all = [...this.unsent.get(), ...left];
    if (this.put(all.sort((one, other) => Date.parse(one.at) - Date.parse(other.at)))) localStorage.removeItem(key);
    if (this.isSeen || left.every((one) => Date.now() - Date.parse(one.at) < A_DAY)) this.sendAll();
  }

  /** The same message once more, as the owner of now. */
  again(id: string, fencingToken: number | null): void {
    const found = this.unsent.get().find((one) => one.id === id);
    if (found === undefined) return;
    const next = { ...found, refusal: null, fencingToken };
    this.put(this.unsent.get().map((one) => (one.id === id ? next : one)));
    void this.send(next);
  }

  discard(id: string): void {
    this.put(this.unsent.get().filter((one) => one.id !== id));
  }

  /** The conversation has these now. */
  arrived(has: (id: string) => boolean): void {
    const left = this.unsent.get().filter((one) => !has(one.id));
    if (left.length < this.unsent.get().length) this.put(left);
  }

  private sendAll(): void {
    for (const one of this.unsent.get()) if (one.refusal === null) void this.send(one);
  }

  private async send(one: Unsent): Promise<void> {
    if (this.underWay.has(one.id) || this.answered.has(one.id)) return;
    this.underWay.add(one.id);
    const token = one.fencingToken === null ? {} : { fencing_token: one.fencingToken };
    const payload: Payload<"message:post"> = {
      session_id: this.sessionId,
      message_id: one.id,
      kind: one.kind,
      body: one.body,
      ask: one.ask,
      ...token,
    };
    const result = await this.connection.send("message:post", payload, [], this.isKept);
    this.underWay.delete(one.id);
    if (result.ok) {
      this.answered.add(one.id);
      this.put(this.unsent.get()); // shown until its event is here, but no longer to be sent after a reload
    } else if (result.error.code !== "offline") {
      const refusal = result.error;
      this.put(this.unsent.get().map((other) => (other.id === one.id ? { ...other, refusal } : other)));
    }
  }

  private put(unsent: readonly Unsent[]): boolean {
    this.unsent.set([...unsent]);
    const kept = unsent.filter((one) => !this.answered.has(one.id));
    this.isKept = write(this.key, kept);
    return this.isKept;
  }
}

const opened = new WeakMap<Connection, Map<string, Outbox>>();

/** One for each session of a connection, so that leaving its page and coming back finds the same. */
export function outboxOf(connection: Connection, owner: string, sessionId: string): Outbox {
  const all = opened.get(connection) ?? new Map<string, Outbox>();
  opened.set(connection, all);
  let found = all.get(sessionId);
  if (found === undefined) {
    found = new Outbox(connection, sessionId, `${KEY}${owner}.${sessionId}.${connection.page.id}`);
    all.set(sessionId, found);
  }
  return found;
}

/** Messages that wait are sent whatever page is shown, once the page that kept them is gone. */
export function resumeOutboxes(connection: Connection, owner: string): void {
  const mine = `${KEY}${owner}.`;
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(mine)) continue;
    const [sessionId = "", page = ""] = key.slice(mine.length).split(".");
    void connection.page.succeed(page, () => outboxOf(connection, owner, sessionId).inherit(key));
  }
}

function read(key: string): Unsent[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]") as Unsent[];
  } catch {
    return [];
  }
}

function write(key: string, unsent: readonly Unsent[]): boolean {
  try {
    if (unsent.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(unsent));
    return true;
  } catch {
    return false;
  }
}
