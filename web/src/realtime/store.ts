// A value that tells its listeners when it changes, at most once a frame.

export type Unsubscribe = () => void;

/** A frame that does not come, because its tab is not drawn any more, is waited for no longer than this. */
const A_FRAME_AT_MOST = 250;

export class Store<T> {
  private listeners = new Set<() => void>();
  private isDue = false;
  private toldAt = -Infinity;

  /** `pace`: milliseconds between two tellings. The first change after a pause is told at once. */
  constructor(
    protected current: T,
    private readonly pace = 0,
  ) {}

  get: () => T = () => this.current;

  set(value: T): void {
    if (Object.is(value, this.current)) return;
    this.current = value;
    this.changed();
  }

  readonly subscribe = (listener: () => void): Unsubscribe => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  protected changed(): void {
    if (this.isDue) return;
    this.isDue = true;
    const early = this.toldAt + this.pace - Date.now();
    if (early > 0) setTimeout(() => soon(this.tell), early);
    else soon(this.tell);
  }

  private readonly tell = (): void => {
    this.isDue = false;
    if (this.pace > 0) this.toldAt = Date.now();
    for (const listener of [...this.listeners]) listener();
  };
}

/** A value that events change: those that came since it was last looked at are folded into it together. */
export class Folded<T, E> extends Store<T> {
  private pending: E[] = [];

  constructor(
    initial: T,
    private readonly fold: (current: T, events: readonly E[]) => T,
    pace = 0,
  ) {
    super(initial, pace);
    this.get = () => {
      if (this.pending.length > 0) this.current = this.fold(this.current, this.pending.splice(0));
      return this.current;
    };
  }

  add(event: E): void {
    this.pending.push(event);
    this.changed();
  }

  /** Another state takes the place of this one and of all that happened to it. */
  override set(value: T): void {
    this.pending = [];
    super.set(value);
  }
}

/** Before the next frame; in a tab that is not drawn, and outside of a browser, as soon as possible. */
function soon(run: () => void): void {
  if (typeof requestAnimationFrame !== "function" || typeof document === "undefined" || document.hidden) {
    queueMicrotask(run);
    return;
  }
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, A_FRAME_AT_MOST);
}
