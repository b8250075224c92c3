// A message or task card that the address names: brought into view, and lit for a while.
import { useEffect, useRef, useState } from "react";

const LIT_FOR = 5_000;
const MOST_PAGES = 10;

export interface Named {
  kind: "message" | "task";
  id: string;
}

export function namedIn(ref: string | null): Named | null {
  const found = /^(message|task):([0-9a-f-]{36})$/.exec(ref ?? "");
  const [, kind, id] = found ?? [];
  return id !== undefined && (kind === "message" || kind === "task") ? { kind, id } : null;
}

/** The value of `data-ref` on what shows it. */
export function refKey(kind: Named["kind"], id: string): string {
  return `${kind}:${id}`;
}

/** What is lit now. Earlier messages are read while the named one is not among those here. */
export function useLit(named: Named | null, isHere: boolean, earlier: { isReading: boolean; readOlder: () => Promise<boolean> }): string | null {
  const key = named === null ? null : refKey(named.kind, named.id);
  const [over, setOver] = useState<string | null>(null);
  const pages = useRef(0);
  const { isReading, readOlder } = earlier;
  useEffect(() => {
    if (key === null || isHere || isReading || pages.current >= MOST_PAGES) return;
    pages.current += 1;
    void readOlder();
  }, [key, isHere, isReading, readOlder]);
  const lit = isHere && key !== over ? key : null;
  useEffect(() => {
    if (lit === null) return;
    const frame = requestAnimationFrame(() => {
      const element = document.querySelector<HTMLElement>(`[data-ref="${CSS.escape(lit)}"]`);
      element?.scrollIntoView({ block: "center" });
      element?.focus({ preventScroll: true });
    });
    const timer = setTimeout(() => setOver(lit), LIT_FOR);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [lit]);
  return lit;
}
