// Commands on their way: in order, from when somebody gives them until the server has answered.
import { type Ack, AT_ONCE, OFFLINE, READS, type Result } from "./commands";
import { isStillMeant, type KeptCommand, letGo } from "./kept";
import type { Held } from "./light";
import { Store } from "./store";

export interface Command extends KeptCommand {
  settle: (result: Result<unknown>) => void;
  /** Left by a page that is gone. */
  isFormer: boolean;
  /** Under which name it is kept, if it is. */
  where: string | null;
  /** It would not be lost with the page. */
  isSafe: boolean;
}

interface Waiting extends Command {
  id: number;
  sent: boolean;
  /** It may have reached the server, whose answer was lost: from now on it must stay what it is. */
  tried: boolean;
  /** How often the server said to come again. */
  delays: number;
  isPausing: boolean;
  /** Which later ones wait until it is through. */
  holds: "none" | "former" | "all";
}

/** An answer that was lost is asked for again; what has to happen at once not much later than it was meant. */
const AT_ONCE_WITHIN = 30_000;
/** Before a former page's command is tried again: each time twice as long. */
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 300_000;

export class Outgoing {
  readonly held = new Store<readonly Held[]>([]);
  /** Something is under way that would be lost with the page. */
  readonly wouldLose = new Store(false);
  private line: Waiting[] = [];
  private next = 1;
  private isOpen = false;

  /** `emit` answers null if nobody did in time. */
  constructor(
    private readonly emit: (command: Command, answered: (ack: Ack | null) => void) => void,
    private readonly hangUp: () => void,
  ) {}

  get size(): number {
    return this.line.length;
  }

  add(command: Command): void {
    this.line.push(this.waiting(command));
    this.flush();
  }

  /** What former pages left goes before what this one has made. */
  inherit(commands: readonly Command[]): void {
    const fresh = commands.filter(({ key }) => this.line.every((one) => one.key !== key));
    const former = [...this.line.filter((one) => one.isFormer), ...fresh.map((one) => this.waiting(one))];
    const own = this.line.filter((one) => !one.isFormer);
    this.line = [...former.sort((one, other) => one.at - other.at), ...own];
    this.flush();
  }

  /** Those that this page made and that are kept nowhere yet. */
  unkept(): Command[] {
    return this.line.filter((one) => one.where === null);
  }

  /** A command of this kind of which no word has been sent. */
  unsent(isMeant: (command: KeptCommand) => boolean): Command | undefined {
    return this.line.find((one) => !one.tried && !one.isFormer && isMeant(one));
  }

  /** The server listens, and all that had to come first is done: now, and until the connection is lost, they go. */
  open(): void {
    const isLate = ({ name, at }: Waiting) => AT_ONCE.has(name) && Date.now() - at > AT_ONCE_WITHIN;
    for (const one of this.line.filter(isLate)) this.settle(one, { ok: false, error: OFFLINE });
    this.isOpen = true;
    this.flush();
  }

  lost(): void {
    this.isOpen = false;
    for (const one of this.line) Object.assign(one, { sent: false, isPausing: false, holds: "none" });
    const isOver = ({ name, tried }: Waiting) => READS.has(name) || (AT_ONCE.has(name) && !tried);
    for (const one of this.line.filter(isOver)) this.settle(one, { ok: false, error: OFFLINE });
    this.tell();
  }

  /** With its page: what is kept stays kept. */
  close(): void {
    this.isOpen = false;
    for (const one of this.line.splice(0)) one.settle({ ok: false, error: OFFLINE });
  }

  private waiting(command: Command): Waiting {
    return { ...command, id: this.next++, sent: false, tried: false, delays: 0, isPausing: false, holds: "none" };
  }

  private flush(): void {
    if (this.isOpen) for (const one of [...this.line]) if (this.isFree(one)) this.send(one);
    this.tell();
  }

  private isFree(one: Waiting): boolean {
    return !one.sent && !one.isPausing && !this.isHeldBack(one);
  }

  private isHeldBack(one: Waiting): boolean {
    const before = this.line.slice(0, this.line.indexOf(one));
    return before.some(({ holds }) => holds === "all" || (holds === "former" && one.isFormer));
  }

  private send(one: Waiting): void {
    one.sent = one.tried = true;
    this.emit(one, (ack) => {
      if (!this.line.includes(one) || !one.sent) return;
      if (ack === null) this.hangUp();
      else this.answered(one, ack);
    });
  }

  private answered(one: Waiting, ack: Ack): void {
    if (!ack.ok) {
      const { code, retryable, details } = ack.error;
      const isTooFast = code === "rate_limited";
      if (one.isFormer ? retryable && isStillMeant(one) : isTooFast) {
        const pause = Math.min(FIRST_PAUSE * 2 ** one.delays, LONGEST_PAUSE);
        this.putOff(one, isTooFast ? "all" : "former", Number(details["retry_after_ms"] ?? pause));
        return;
      }
      // it was on its way already when one before it was put off, and may have needed that one
      if (this.isHeldBack(one) && !READS.has(one.name) && !AT_ONCE.has(one.name)) {
        one.sent = false;
        this.tell();
        return;
      }
    }
    this.settle(one, ack);
    this.flush();
  }

  private putOff(one: Waiting, holds: "former" | "all", pause: number): void {
    one.sent = false;
    one.delays += 1;
    one.isPausing = true;
    one.holds = holds;
    setTimeout(() => {
      one.isPausing = false;
      this.flush();
    }, pause);
    this.tell();
  }

  private settle(one: Waiting, result: Result<unknown>): void {
    this.line = this.line.filter((other) => other !== one);
    if (one.where !== null) letGo(one.where, one.key);
    this.tell();
    one.settle(result);
  }

  private tell(): void {
    this.held.set(this.line.filter((one) => !one.sent).map(({ id, name }) => ({ id, name })));
    this.wouldLose.set(!this.line.every((one) => one.isSafe || READS.has(one.name)));
  }
}
