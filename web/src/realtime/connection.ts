// One socket to the server: who we are, whether we are live, commands and their answers, and rooms that resume.
import { io, type Socket } from "socket.io-client";
import { type Ack, type Answer, AT_ONCE, KEPT, type Name, OFFLINE, type Payload, READS, type Result } from "./commands";
import { draftsNow, keep, keptAt, type KeptCommand, ownerOf, pagesOf, type RefusedLater, settleLater } from "./kept";
import type { Light } from "./light";
import { type Command, Outgoing } from "./outgoing";
import { Page } from "./page";
import { type Kind, Room } from "./room";
import { Store } from "./store";
import type { AssistantDelta, Hello, LogEntry, PresenceSignal, TypingSignal } from "./wire";

export interface Signals {
  typing: TypingSignal;
  "assistant:delta": AssistantDelta;
}

export interface Options {
  /** Where the server is, with a slash at the end: also below a prefix. */
  base: string;
  token: () => string | Promise<string>;
}

const ANSWER_WITHIN = 10_000;
const HEARTBEAT = 10_000;
/** A connection that a proxy took and nobody greets is given up; the client's own patience is 20 seconds. */
const GREETED_WITHIN = 8_000;
const MOST_HELD = 200;
/** Half of the time in which a page that wakes has to be true again; the rest is for a new connection. */
const AWAKE_WITHIN = 1_000;
const LINGER = 300;

/**
 * Commands are held while there is no connection and sent again after one was lost, with the same ids: the server applies
 * each once (A5). Those that read, and those that are meant at once, answer `offline` instead (commands.ts says which).
 * Those of one connection keep their order, also while it catches up (outgoing.ts).
 */
export class Connection {
  readonly light = new Store<Light>({ kind: "connecting" });
  readonly hello = new Store<Hello | null>(null);
  readonly refusedLater = new Store<readonly RefusedLater[]>([]);
  private readonly socket: Socket;
  private readonly rooms = new Map<string, Room<Kind>>();
  private readonly signals = new Map<string, Set<(data: never) => void>>();
  private readonly outgoing = new Outgoing(
    (command, answered) => this.emit(command, answered),
    () => this.socket.io.engine.close(),
  );
  readonly held = this.outgoing.held;
  readonly wouldLose = this.outgoing.wouldLose;
  readonly page = new Page();
  private heart: ReturnType<typeof setInterval> | undefined;

  constructor(options: Options) {
    const at = new URL("socket.io/", options.base);
    this.socket = io(at.origin, {
      path: at.pathname,
      transports: ["websocket"],
      auth: (tell) => void Promise.resolve(options.token()).then((token) => tell({ token })),
      timeout: GREETED_WITHIN,
      reconnectionDelay: 200,
      reconnectionDelayMax: 3_000,
      forceNew: true,
      autoConnect: false,
    });
    this.socket.on("connect_error", (error: Error & { data?: { code?: string } }) => {
      const code = error.data?.code;
      if (code === undefined) this.lost();
      else if (code === "unavailable" || code === "overloaded") {
        this.lost();
        setTimeout(() => this.socket.connect(), 1_000 + Math.random() * 1_000);
      } else this.light.set({ kind: "refused", code, message: error.message });
    });
    this.socket.on("disconnect", (reason) => {
      this.lost();
      if (reason === "io server disconnect") setTimeout(() => this.socket.connect(), 200 + Math.random() * 800);
    });
    this.socket.on("hello", (hello: Hello) => {
      this.hello.set(hello);
      this.light.set({ kind: "catching_up" });
      void this.catchUp(hello);
    });
    this.socket.onAny((name: string, data: unknown) => this.heard(name, data));
  }

  open(): void {
    this.page.begin();
    this.socket.connect();
    this.heart = setInterval(() => void this.beat(), HEARTBEAT);
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  /** The user this connection is for; null before the first `hello`. */
  get me(): Hello["user"] | null {
    return this.hello.get()?.user ?? null;
  }

  /**
   * `drafts` names what the command was written from, for a later page to take away once it is through; `isSafe`: whoever
   * gives it keeps it over a reload.
   */
  send<N extends Name>(
    name: N,
    payload: Payload<N>,
    drafts: readonly string[] = [],
    isSafe = false,
  ): Promise<Result<Answer<N>>> {
    const isHeld = !READS.has(name) && !AT_ONCE.has(name);
    if ((!isHeld && !this.socket.connected) || this.outgoing.size >= MOST_HELD) {
      return Promise.resolve({ ok: false, error: OFFLINE });
    }
    return new Promise((resolve) => {
      const settle = resolve as (result: Result<unknown>) => void;
      const made = { key: `${Date.now()}.${Math.random()}`, name, payload, at: Date.now() };
      const written = draftsNow(this.hello.get()?.account.id ?? "", drafts);
      const command: Command = { ...made, drafts: written, settle, isFormer: false, where: null, isSafe };
      this.keep(command);
      this.outgoing.add(command);
    });
  }

  /** Says a held command anew, as long as no word of it has been sent; answers whether there was one. */
  amend(isMeant: (command: KeptCommand) => boolean, more: object): boolean {
    const found = this.outgoing.unsent(isMeant);
    if (found === undefined) return false;
    found.payload = { ...found.payload, ...more };
    this.keep(found);
    return true;
  }

  /** The room; it is joined while somebody holds it. */
  room<K extends Kind>(kind: K, id: string): Room<K> {
    const key = `${kind}:${id}`;
    const known = this.rooms.get(key) as Room<K> | undefined;
    if (known !== undefined) return known;
    const made = new Room(kind, id, () => this.me?.id ?? "", (after, epoch) => this.join(kind, id, after, epoch));
    this.rooms.set(key, made);
    return made;
  }

  /** Stay in the room, over lost connections too; answers how to let it go. */
  hold<K extends Kind>(room: Room<K>): () => void {
    const held = room as unknown as Room<Kind>;
    const key = `${room.kind}:${room.id}`;
    this.rooms.set(key, held);
    room.users += 1;
    if (room.users === 1 && !room.isJoined && this.light.get().kind === "live") void room.join();
    return () => {
      room.users -= 1;
      setTimeout(() => this.leave(key, held), LINGER); // the next page may want it as well
    };
  }

  private leave(key: string, room: Room<Kind>): void {
    if (room.users > 0 || this.rooms.get(key) !== room) return;
    this.rooms.delete(key);
    if (!this.socket.connected) return;
    const [name, payload] = room.kind === "queue" ? ["queue:leave", {}] : ["session:leave", { session_id: room.id }];
    this.socket.emit(name, payload, () => undefined);
  }

  /** Listens to a signal, such as `typing`; answers how to stop. */
  on<N extends keyof Signals>(name: N, listener: (data: Signals[N]) => void): () => void {
    const listeners = this.signals.get(name) ?? new Set();
    this.signals.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.heart);
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.socket.close();
    this.outgoing.close();
    this.page.end();
  }

  /** After sleep the socket may look alive and not be: ask at once, and hang up if nobody answers. */
  private readonly wake = (): void => {
    if (document.hidden) return;
    if (this.socket.connected) void this.beat(AWAKE_WITHIN);
    else if (this.light.get().kind !== "refused") this.socket.connect();
  };

  private async beat(within = ANSWER_WITHIN): Promise<void> {
    if (!this.socket.connected) return;
    const asked = performance.now();
    try {
      await this.socket.timeout(within).emitWithAck("me:get", {});
    } catch {
      this.socket.io.engine.close();
      return;
    }
    const light = this.light.get();
    if (light.kind === "live") this.light.set({ kind: "live", latency: performance.now() - asked });
  }

  private lost(): void {
    const light = this.light.get();
    if (light.kind !== "offline") this.light.set({ kind: "offline", since: Date.now() });
    this.outgoing.lost();
  }

  private async catchUp(hello: Hello): Promise<void> {
    const held = [...this.rooms.values()].filter((room) => room.users > 0);
    await Promise.all([this.restore(ownerOf(hello)), ...held.map((room) => room.join())]);
    if (!this.socket.connected || this.hello.get() !== hello) return;
    this.outgoing.open();
    this.light.set({ kind: "live", latency: null });
    for (const room of this.rooms.values()) {
      if (room.users > 0 && !held.includes(room)) void room.join(); // held since we began to catch up
    }
    void this.beat();
  }

  private emit({ name, payload }: Command, answered: (ack: Ack | null) => void): void {
    this.socket.timeout(ANSWER_WITHIN).emit(name, payload, (error: Error | null, ack?: Ack) => {
      answered(error === null && ack !== undefined ? ack : null);
    });
  }

  private keep(command: Command): void {
    const hello = this.hello.get();
    if (hello === null || !KEPT.has(command.name)) return;
    command.where ??= `${ownerOf(hello)}.${this.page.id}`;
    command.isSafe = keep(command.where, command);
  }

  /** Goes on with what pages left that are gone; of those that are alive, when they are. */
  private async restore(owner: string): Promise<void> {
    for (const one of this.outgoing.unkept()) this.keep(one); // made before anybody said who this is
    await Promise.all(pagesOf(owner).map((page) => this.page.succeed(page, this.take)));
  }

  private readonly take = (page: string): void => {
    const hello = this.hello.get();
    if (hello === null) return;
    const where = `${ownerOf(hello)}.${page}`;
    const refused = (one: RefusedLater) => this.refusedLater.set([...this.refusedLater.get(), one]);
    const left = keptAt(where).map((kept): Command => {
      const settle = (result: Result<unknown>) => settleLater(kept, result, refused);
      return { ...kept, settle, isFormer: true, where, isSafe: true };
    });
    this.outgoing.inherit(left);
  };

  private async join(kind: Kind, id: string, after: number | null, epoch: string | null): Promise<unknown> {
    const where = kind === "queue" ? {} : { session_id: id };
    const from = after === null ? {} : { after, epoch };
    const ack = (await this.socket
      .timeout(ANSWER_WITHIN)
      .emitWithAck(`${kind}:join`, { ...where, ...from })
      .catch(() => null)) as Ack | null;
    if (ack === null) {
      this.socket.io.engine.close();
      return OFFLINE;
    }
    return ack.ok ? ack.data : ack.error;
  }

  private heard(name: string, data: unknown): void {
    const event = data as LogEntry & { room?: string };
    if (typeof event.seq === "number") {
      const room = [...this.rooms.values()].find((one) => one.name === event.room);
      room?.receive(event);
      return;
    }
    if (name === "presence") {
      const seen = data as PresenceSignal;
      [...this.rooms.values()].find((one) => one.name === seen.room)?.members.set(seen);
    }
    if (name === "room:evicted") {
      const gone = data as { room: string; reason: string };
      [...this.rooms.values()].find((one) => one.name === gone.room)?.end(gone.reason);
    }
    for (const listener of this.signals.get(name) ?? []) listener(data as never);
  }
}
