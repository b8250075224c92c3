// Which pages of this browser are alive. Each holds a lock in its name, which the browser lets go with it, however it ends;
// what a page has left to do is done by the one that gets its lock, and by no other.

type Take = (page: string) => void;

const LOCK = "resolutionflow.page.";

export class Page {
  /** Without a dot, which parts the names under which things are kept. */
  readonly id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  private readonly ended = new AbortController();
  /** Of other pages: what happens when they are gone; nothing more to wait for where this page goes on for them. */
  private readonly former = new Map<string, Set<Take> | "gone">();

  begin(): void {
    void this.lock(this.id, {}, () => undefined);
  }

  end(): void {
    this.ended.abort();
  }

  /**
   * Calls `take` when that page is gone, unless another page is faster. If it is gone already, the answer comes after that.
   * Where a browser has no locks, without TLS, every other page counts as gone: what both send is applied once (A5).
   */
  async succeed(page: string, take: Take): Promise<void> {
    const known = this.former.get(page);
    if (page === this.id) return;
    if (known === "gone") take(page);
    else if (known !== undefined) known.add(take);
    else {
      this.former.set(page, new Set([take]));
      if (!("locks" in navigator)) this.goOnFor(page);
      else if (!(await this.isMine(page))) void this.lock(page, { signal: this.ended.signal }, () => this.goOnFor(page));
    }
  }

  private goOnFor(page: string): void {
    const takes = this.former.get(page);
    this.former.set(page, "gone");
    if (takes instanceof Set && !this.ended.signal.aborted) for (const take of takes) take(page);
  }

  private isMine(page: string): Promise<boolean> {
    return new Promise((told) => {
      void this.lock(page, { ifAvailable: true }, (lock) => {
        if (lock !== null) this.goOnFor(page);
        told(lock !== null);
      });
    });
  }

  /** Held until this page ends. */
  private async lock(page: string, options: LockOptions, use: (lock: Lock | null) => void): Promise<void> {
    if (!("locks" in navigator)) return;
    const { signal } = this.ended;
    const isOver = new Promise<void>((over) => {
      if (signal.aborted) over();
      else signal.addEventListener("abort", () => over());
    });
    await navigator.locks
      .request(LOCK + page, options, (lock) => {
        use(lock);
        return lock === null ? undefined : isOver;
      })
      .catch(() => undefined); // it ended while it waited
  }
}
