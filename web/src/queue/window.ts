// Which rows of a long list of equal rows are drawn: those in sight and some beside them.
import { type RefCallback, useCallback, useLayoutEffect, useRef, useState } from "react";

const BESIDE = 8;
/** Rows come and go by so many at a time: drawn less often while somebody scrolls. */
const STEP = 4;

interface Sight {
  first: number;
  last: number;
}

interface Row {
  id: string;
}

export interface Rows {
  sight: Sight;
  scroller: RefCallback<HTMLElement>;
  reveal: (index: number) => void;
  toTop: () => void;
}

/**
 * Rows of one height, with `gap` pixels before row `gapAt`. What its reader points at, or else sees at the top of a
 * scrolled list, stays where it is when rows come and go above it. Where the list is scrolled to is remembered: asking
 * the browser after each change would make it lay the page out once more.
 */
export function useRows(rows: readonly Row[], height: number, gapAt: number, gap: number): Rows {
  const node = useRef<HTMLElement | null>(null);
  const [sight, setSight] = useState<Sight>({ first: 0, last: 2 * BESIDE });
  const anchor = useRef<{ id: string; index: number; top: number } | null>(null);
  const pointed = useRef<string | null>(null);
  const seen = useRef({ top: 0, height: 0 });
  const top = useCallback((index: number) => index * height + (index >= gapAt ? gap : 0), [height, gapAt, gap]);
  const places = useRef({ rows, top });

  const look = useCallback(() => {
    const from = seen.current.top;
    const to = from + seen.current.height;
    const first = Math.max(0, Math.floor((from - gap) / height));
    const last = Math.ceil(to / height);
    const drawnFrom = Math.floor(Math.max(0, first - BESIDE) / STEP) * STEP;
    const drawnTo = Math.ceil((last + BESIDE) / STEP) * STEP;
    setSight((was) => (was.first === drawnFrom && was.last === drawnTo ? was : { first: drawnFrom, last: drawnTo }));
    const { rows: known, top: topOf } = places.current;
    const pointedAt = pointed.current === null ? -1 : indexNear(known, pointed.current, first, last - first);
    const index = pointedAt >= 0 ? pointedAt : from < 1 ? -1 : Math.ceil(from / height);
    const id = known[index]?.id;
    anchor.current = id === undefined ? null : { id, index, top: topOf(index) };
  }, [gap, height]);

  useLayoutEffect(() => {
    places.current = { rows, top };
    const at = node.current;
    const kept = anchor.current;
    const index = kept === null ? -1 : indexNear(rows, kept.id, kept.index, rows.length);
    if (at !== null && kept !== null && index >= 0 && top(index) !== kept.top) {
      at.scrollTop = seen.current.top + top(index) - kept.top;
      seen.current.top = at.scrollTop;
    }
    look();
  }, [rows, top, look]);

  const scroller = useCallback(
    (found: HTMLElement | null) => {
      if (found === null) return;
      node.current = found;
      const scrolled = () => {
        seen.current.top = found.scrollTop;
        look();
      };
      const sized = () => {
        seen.current = { top: found.scrollTop, height: found.clientHeight };
        look();
      };
      const point = (event: Event) => {
        const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
        pointed.current = row?.dataset["row"] ?? null;
        look();
      };
      const leave = () => {
        pointed.current = null;
        look();
      };
      const sizes = new ResizeObserver(sized);
      sizes.observe(found);
      found.addEventListener("scroll", scrolled, { passive: true });
      found.addEventListener("pointermove", point, { passive: true });
      found.addEventListener("pointerleave", leave);
      return () => {
        sizes.disconnect();
        found.removeEventListener("scroll", scrolled);
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
      seen.current.top = at.scrollTop;
      look();
    },
    [top, height, look],
  );
  const toTop = useCallback(() => node.current?.scrollTo({ top: 0 }), []);
  return { sight, scroller, reveal, toTop };
}

/** Where the row is, looked for from one place outwards: rows seldom move far. Less than 0 if it is not that near. */
function indexNear(rows: readonly Row[], id: string, from: number, far: number): number {
  for (let by = 0; by <= far; by += 1) {
    if (rows[from + by]?.id === id) return from + by;
    if (rows[from - by]?.id === id) return from - by;
  }
  return -1;
}
