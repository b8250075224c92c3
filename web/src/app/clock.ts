// The server's time, whole seconds of it: one timer for all who show an age.
import { useEffect, useSyncExternalStore } from "react";
import { useHello } from "./live";

let ahead = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
const listeners = new Set<() => void>();

function now(): number {
  return Math.floor((Date.now() + ahead) / 1_000) * 1_000;
}

function tick(): void {
  for (const listener of [...listeners]) listener();
  timer = listeners.size > 0 ? setTimeout(tick, 1_000 - ((Date.now() + ahead) % 1_000)) : null;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setTimeout(tick, 1_000 - ((Date.now() + ahead) % 1_000));
  return () => listeners.delete(listener);
}

/** Sets the clock by the server's `hello`. Once, where the page begins: it has to be heard when it comes. */
export function useServerClock(): void {
  const time = useHello()?.server_time;
  useEffect(() => {
    if (time !== undefined) ahead = Date.parse(time) - Date.now();
  }, [time]);
}

/** Milliseconds since 1970 by the server's clock; whoever reads it is drawn again each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, now);
}

/** What is made of the time, drawn again only when that becomes another text. */
export function useTicking(say: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => say(now()));
}
