// Messages that were sent and are not yet in the conversation. They outlive the page: kept in the browser until the
// server has answered, and sent again under the same ids, which the server applies once (A5).
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

  /** Sends what a former page had not brought to its end. */
  resume(): void {
    for (const one of this.unsent.get()) if (one.refusal === null) void this.send(one);
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
    const result = await this.connection.send("message:post", payload);
    this.underWay.delete(one.id);
    if (result.ok) {
      this.answered.add(one.id);
      this.put(this.unsent.get()); // shown until its event is here, but no longer to be sent after a reload
    } else if (result.error.code !== "offline") {
      const refusal = result.error;
      this.put(this.unsent.get().map((other) => (other.id === one.id ? { ...other, refusal } : other)));
    }
  }

  private put(unsent: readonly Unsent[]): void {
    this.unsent.set([...unsent]);
    const kept = unsent.filter((one) => !this.answered.has(one.id));
    if (kept.length === 0) localStorage.removeItem(this.key);
    else localStorage.setItem(this.key, JSON.stringify(kept));
  }
}

const opened = new WeakMap<Connection, Map<string, Outbox>>();

/** One for each session of a connection, so that leaving its page and coming back finds the same. */
export function outboxOf(connection: Connection, me: string, sessionId: string): Outbox {
  const all = opened.get(connection) ?? new Map<string, Outbox>();
  opened.set(connection, all);
  let found = all.get(sessionId);
  if (found === undefined) {
    found = new Outbox(connection, sessionId, `${KEY}${me}.${sessionId}`);
    all.set(sessionId, found);
  }
  return found;
}

/** Messages that wait are sent whatever page is shown; those of days ago when somebody looks at them in their session. */
export function resumeOutboxes(connection: Connection, me: string): void {
  const mine = `${KEY}${me}.`;
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(mine)) continue;
    if (read(key).every((one) => Date.now() - Date.parse(one.at) < A_DAY)) outboxOf(connection, me, key.slice(mine.length)).resume();
  }
}

function read(key: string): Unsent[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]") as Unsent[];
  } catch {
    return [];
  }
}
