// Which rows of a long list of equal rows are drawn: those in sight and some beside them.
import { type RefCallback, useCallback, useLayoutEffect, useRef, useState } from "react";

const BESIDE = 8;

interface Sight {
  first: number;
  last: number;
}

export interface Rows {
  sight: Sight;
  scroller: RefCallback<HTMLElement>;
  reveal: (index: number) => void;
  toTop: () => void;
}

/**
 * Rows of one height, with `gap` pixels before row `gapAt`. What its reader points at, or else sees at the top of a
 * scrolled list, stays where it is when rows come and go above it.
 */
export function useRows(ids: readonly string[], height: number, gapAt: number, gap: number): Rows {
  const node = useRef<HTMLElement | null>(null);
  const [sight, setSight] = useState<Sight>({ first: 0, last: 2 * BESIDE });
  const anchor = useRef<{ id: string; top: number } | null>(null);
  const pointed = useRef<string | null>(null);
  const top = useCallback((index: number) => index * height + (index >= gapAt ? gap : 0), [height, gapAt, gap]);
  const places = useRef({ ids, top });

  const look = useCallback(() => {
    const at = node.current;
    if (at === null) return;
    const first = Math.max(0, Math.floor((at.scrollTop - gap) / height) - BESIDE);
    const last = Math.ceil((at.scrollTop + at.clientHeight) / height) + BESIDE;
    setSight((was) => (was.first === first && was.last === last ? was : { first, last }));
    const { ids: known, top: topOf } = places.current;
    const pointedAt = pointed.current === null ? -1 : known.indexOf(pointed.current);
    const index = pointedAt >= 0 ? pointedAt : at.scrollTop < 1 ? -1 : Math.ceil(at.scrollTop / height);
    const id = known[index];
    anchor.current = id === undefined ? null : { id, top: topOf(index) };
  }, [gap, height]);

  useLayoutEffect(() => {
    places.current = { ids, top };
    const at = node.current;
    const kept = anchor.current;
    const index = kept === null ? -1 : ids.indexOf(kept.id);
    if (at !== null && kept !== null && index >= 0 && top(index) !== kept.top) at.scrollTop += top(index) - kept.top;
    look();
  }, [ids, top, look]);

  const scroller = useCallback(
    (found: HTMLElement | null) => {
      if (found === null) return;
      node.current = found;
      const point = (event: Event) => {
        const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
        pointed.current = row?.dataset["row"] ?? null;
        look();
      };
      const leave = () => {
        pointed.current = null;
        look();
      };
      const sizes = new ResizeObserver(look);
      sizes.observe(found);
      found.addEventListener("scroll", look, { passive: true });
      found.addEventListener("pointermove", point, { passive: true });
      found.addEventListener("pointerleave", leave);
      return () => {
        sizes.disconnect();
        found.removeEventListener("scroll", look);
        found.removeEventListener("pointermove", point);
        found.removeEventListener("pointerleave", leave);
        node.current = null;
      };
    },
    [look],
  );

  const reveal = useCallback(
    (index: number) => {
      const at = node.current;
      if (at === null) return;
      const from = top(index);
      if (from < at.scrollTop) at.scrollTop = from;
      else if (from + height > at.scrollTop + at.clientHeight) at.scrollTop = from + height - at.clientHeight;
      look();
    },
    [top, height, look],
  );
  const toTop = useCallback(() => node.current?.scrollTo({ top: 0 }), []);
  return { sight, scroller, reveal, toTop };
}
