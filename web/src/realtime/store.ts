// A value that tells its listeners when it changes, at most once a frame.

export type Unsubscribe = () => void;

export class Store<T> {
  private listeners = new Set<() => void>();
  private due = false;

  constructor(private current: T) {}

  readonly get = (): T => this.current;

  set(value: T): void {
    if (Object.is(value, this.current)) return;
    this.current = value;
    if (this.due) return;
    this.due = true;
    soon(() => {
      this.due = false;
      for (const listener of [...this.listeners]) listener();
    });
  }

  readonly subscribe = (listener: () => void): Unsubscribe => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** Before the next frame; in a tab that is not drawn, and outside of a browser, as soon as possible. */
function soon(run: () => void): void {
  if (typeof requestAnimationFrame === "function" && typeof document !== "undefined" && !document.hidden) {
    requestAnimationFrame(run);
  } else {
    queueMicrotask(run);
  }
}
