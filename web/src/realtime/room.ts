// A room as this client sees it: the state at `seq`, and every later event applied once and in order (R5, R6).
import { applyToQueue, applyToSession, type QueueState, type SessionState } from "./apply";
import type { Refusal } from "./commands";
import { Folded, Store } from "./store";
import type { LogEntry, PresenceSignal } from "./wire";

export type Kind = "session" | "queue";
export type StateOf<K extends Kind> = K extends "session" ? SessionState : QueueState;

export type RoomState<T> =
  | { kind: "loading" }
  | { kind: "ready"; state: T }
  | { kind: "refused"; code: string; message: string };

interface Joined {
  room: string;
  epoch: string;
  seq: number;
  recovered: boolean;
  events?: LogEntry[];
  snapshot?: unknown;
}

const MOST_EARLY = 5_000;
/** A queue that changes hundreds of times a second is drawn twenty times in it: nobody reads faster. */
const QUEUE_PACE = 50;

export class Room<K extends Kind> {
  readonly state: Folded<RoomState<StateOf<K>>, LogEntry>;
  readonly members = new Store<PresenceSignal | null>(null);
  name = "";
  users = 0;
  private seq: number | null = null;
  private epoch: string | null = null;
  private joining: Promise<void> | null = null;
  private early: LogEntry[] = [];
  private listeners = new Set<(event: LogEntry) => void>();

  constructor(
    readonly kind: K,
    readonly id: string,
    private readonly me: () => string,
    private readonly ask: (after: number | null, epoch: string | null) => Promise<unknown>,
  ) {
    const fold = (state: RoomState<StateOf<K>>, events: readonly LogEntry[]) => this.folded(state, events);
    this.state = new Folded({ kind: "loading" }, fold, kind === "queue" ? QUEUE_PACE : 0);
  }

  get isJoined(): boolean {
    return this.seq !== null;
  }

  /** Catch up with the room: with what was missed, or with its state. Those who ask meanwhile share it. */
  join(): Promise<void> {
    this.joining ??= this.joinNow().finally(() => (this.joining = null));
    return this.joining;
  }

  receive(event: LogEntry): void {
    if (this.joining !== null || this.seq === null) {
      if (this.early.length < MOST_EARLY) this.early.push(event);
      return;
    }
    if (event.seq <= this.seq) return;
    if (event.seq > this.seq + 1) {
      void this.join();
      return;
    }
    this.apply(event);
  }

  /** Hears each event that is applied, in order; answers how to stop. */
  listen(listener: (event: LogEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  end(reason: string): void {
    this.state.set({ kind: "refused", code: "evicted", message: reason });
    this.seq = this.epoch = null;
  }

  private async joinNow(): Promise<void> {
    const answer = (await this.ask(this.seq, this.epoch)) as Joined | Refusal;
    if ("code" in answer) {
      if (answer.code !== "offline") this.state.set({ kind: "refused", code: answer.code, message: answer.message });
      return;
    }
    this.name = answer.room;
    this.epoch = answer.epoch;
    if (answer.recovered) {
      for (const event of answer.events ?? []) if (this.seq === null || event.seq > this.seq) this.apply(event);
    } else {
      const { members, ...state } = answer.snapshot as { members?: PresenceSignal["members"] };
      if (members !== undefined) this.members.set({ room: this.name, members, count: members.length, stale: false });
      this.seq = answer.seq;
      this.state.set({ kind: "ready", state: state as StateOf<K> });
    }
    this.seq = answer.seq;
    const early = this.early.splice(0);
    for (const event of early) {
      if (event.seq === this.seq + 1) this.apply(event);
      else if (event.seq > this.seq + 1) {
        queueMicrotask(() => void this.join());
        return;
      }
    }
  }

  private apply(event: LogEntry): void {
    this.seq = event.seq;
    this.state.add(event);
    for (const listener of [...this.listeners]) listener(event);
  }

  private folded(room: RoomState<StateOf<K>>, events: readonly LogEntry[]): RoomState<StateOf<K>> {
    if (room.kind !== "ready") return room;
    const state =
      this.kind === "session"
        ? events.reduce(applyToSession, room.state as SessionState)
        : applyToQueue(room.state, events, this.me());
    return { kind: "ready", state: state as StateOf<K> };
  }
}
