// For tests: a socket, the browser's storage and its locks, as far as the real-time client uses them.
import { vi } from "vitest";
import type { Refusal } from "./commands";

type Listener = (...said: unknown[]) => void;
type Answered = (error: Error | null, ack?: unknown) => void;

export interface Sent {
  name: string;
  payload: Record<string, unknown>;
  answered: Answered;
}

/** What Socket.IO's client would be, with the server's part played by the test. */
export class Socket {
  connected = false;
  readonly sent: Sent[] = [];
  readonly io = { engine: { close: () => this.drop() } };
  private readonly listeners = new Map<string, Listener[]>();
  private joins: (() => void)[] = [];

  on(name: string, listener: Listener): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  onAny(): void {
    // events of rooms are none of these tests' business
  }

  connect(): void {
    // the test says when there is a connection
  }

  close(): void {
    this.connected = false;
  }

  emit(name: string, payload: object, answered: Answered = () => undefined): void {
    this.sent.push({ name, payload: payload as Record<string, unknown>, answered });
  }

  timeout() {
    return {
      emit: (name: string, payload: object, answered: Answered) => this.emit(name, payload, answered),
      emitWithAck: (name: string) =>
        new Promise((answer) => {
          if (name.endsWith(":join")) this.joins.push(() => answer({ ok: true, data: JOINED }));
          else answer({ ok: true, data: {} });
        }),
    };
  }

  /** Connected, and not greeted yet. */
  reach(): void {
    this.connected = true;
  }

  greet(account = "acme", user = "juno"): void {
    this.connected = true;
    this.tell("hello", { user: { id: user, name: "Juno", role: "engineer" }, account: { id: account, name: account } });
  }

  /** Answers the joins that were asked for. */
  admit(): void {
    for (const admit of this.joins.splice(0)) admit();
  }

  drop(): void {
    this.connected = false;
    this.tell("disconnect", "transport close");
  }

  names(): string[] {
    return this.sent.map((one) => one.name);
  }

  /** Answers a command, by its place among those that were sent. */
  answer(at: number, refusal?: Partial<Refusal>): void {
    const ack = refusal === undefined ? { ok: true, data: {} } : { ok: false, error: { ...REFUSAL, ...refusal } };
    this.sent[at]?.answered(null, ack);
  }

  private tell(name: string, said: unknown): void {
    for (const listener of this.listeners.get(name) ?? []) listener(said);
  }
}

const SNAPSHOT = { session: {}, messages: [], tasks: [], handoffs: [] };
const JOINED = { room: "session:s", epoch: "e", seq: 1, recovered: false, snapshot: SNAPSHOT };
const REFUSAL: Refusal = { code: "invalid", status: 400, message: "", retryable: false, details: {} };
export const SLOWER = { code: "rate_limited", status: 429, retryable: true, details: { retry_after_ms: 20 } };

/** The locks of one browser; a page that ends lets its own go. */
export class Locks {
  private readonly queues = new Map<string, (() => void)[]>();

  request(name: string, options: object, act: (lock: object | null) => unknown): Promise<void> {
    const { ifAvailable = false, signal } = options as { ifAvailable?: boolean; signal?: AbortSignal };
    const queue = this.queues.get(name) ?? [];
    this.queues.set(name, queue);
    return new Promise((over, failed) => {
      if (ifAvailable && queue.length > 0) {
        void Promise.resolve(act(null)).then(() => over());
        return;
      }
      const grant = () =>
        void Promise.resolve(act({ name })).then(() => {
          queue.shift();
          queue[0]?.();
          over();
        });
      queue.push(grant);
      signal?.addEventListener("abort", () => {
        if (queue.indexOf(grant) < 1) return;
        queue.splice(queue.indexOf(grant), 1);
        failed(new Error("aborted"));
      });
      if (queue[0] === grant) queueMicrotask(grant);
    });
  }
}

/** Puts an empty storage and locks into the place of the browser's; once it is filled, the storage takes nothing more. */
export function browser(): { stored: Map<string, string>; fill: () => void } {
  const stored = new Map<string, string>();
  let isFull = false;
  const methods = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => {
      if (isFull) throw new Error("QuotaExceededError");
      stored.set(key, text);
    },
    removeItem: (key: string) => void stored.delete(key),
  };
  const storage = new Proxy(methods, {
    ownKeys: () => [...stored.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
  vi.stubGlobal("localStorage", storage);
  vi.stubGlobal("navigator", { locks: new Locks() });
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  return { stored, fill: () => (isFull = true) };
}

/** Until all that follows from what was done has happened. */
export function settled(within = 5): Promise<void> {
  return new Promise((done) => setTimeout(done, within));
}
