import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useMediaQuery } from "@mantine/hooks";
import { useKeys } from "../app/keys";
import { useWords } from "../app/words";
import type { HandoffView } from "../realtime/wire";
import { QueueRow } from "./QueueRow";
import classes from "./QueueList.module.css";
import { useRows } from "./window";

const WIDE = 72;
const NARROW = 132;
const GROUP = 40;

/** Which row was looked at last, so that the way back from it leads there again. */
let lastSelected: string | null = null;

interface Props {
  /** Those that wait, and then those in work. */
  handoffs: readonly HandoffView[];
  waiting: number;
  me: string;
  lookers: ReadonlyMap<string, readonly string[]>;
  mayClaim: boolean;
  claiming: string | null;
  onClaim: (handoff: HandoffView) => void;
  onSelected: (id: string | null) => void;
}

export function QueueList({ handoffs, waiting, me, lookers, mayClaim, claiming, onClaim, onSelected }: Props) {
  const { say } = useWords();
  const [, go] = useLocation();
  const height = useMediaQuery("(max-width: 56rem)") ? NARROW : WIDE;
  const claimed = handoffs.length - waiting;
  const gap = claimed > 0 ? GROUP : 0;
  const { sight, scroller, reveal, toTop } = useRows(handoffs, height, waiting, gap);
  const [selected, setSelected] = useState<string | null>(lastSelected);
  const place = useRef(-1);

  const select = useCallback(
    (id: string | null) => {
      lastSelected = id;
      setSelected(id);
      onSelected(id);
    },
    [onSelected],
  );
  useEffect(() => {
    const back = placeOf(handoffs, lastSelected);
    if (back >= 0) {
      reveal(back);
      onSelected(lastSelected);
      requestAnimationFrame(() => document.getElementById(`queue-${lastSelected ?? ""}`)?.focus({ preventScroll: true }));
    }
    // only where the list begins
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  function move(by: number) {
    if (handoffs.length === 0) return;
    const at = placeOf(handoffs, selected);
    // of a row that has gone, the one that took its place is the next
    const from = at >= 0 ? at : selected === null ? -1 : place.current - (by > 0 ? 1 : 0);
    const to = Math.min(handoffs.length - 1, Math.max(0, from + by));
    const id = handoffs[to]?.id;
    if (id === undefined) return;
    place.current = to;
    reveal(to);
    select(id);
    requestAnimationFrame(() => document.getElementById(`queue-${id}`)?.focus({ preventScroll: true }));
  }

  const chosen = () => handoffs.find((one) => one.id === selected);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    c: () => {
      const handoff = chosen();
      if (handoff?.status === "queued") onClaim(handoff);
    },
    Enter: () => {
      const handoff = chosen();
      if (handoff !== undefined) go(`/handoffs/${handoff.id}`);
    },
  });

  const first = Math.min(sight.first, Math.max(0, handoffs.length - 1));
  const drawn = handoffs.slice(first, sight.last);
  const above = Math.max(0, sight.first - 1);
  return (
    <div className={classes["frame"]}>
      <div ref={scroller} className={classes["scroller"]}>
        <ul className={classes["rows"]} aria-label={say.queue.list} style={{ height: handoffs.length * height + gap }}>
          {claimed > 0 && (
            <li className={classes["group"]} style={{ top: waiting * height, height: gap }}>
              {say.queue.claimedGroup} · {claimed}
            </li>
          )}
          {drawn.map((handoff, i) => {
            const index = first + i;
            const top = index * height + (index >= waiting ? gap : 0);
            return (
              <li
                key={handoff.id}
                data-row={handoff.id}
                className={classes["place"]}
                style={{ transform: `translateY(${top}px)`, height }}
                aria-setsize={handoffs.length}
                aria-posinset={index + 1}
              >
                <QueueRow
                  handoff={handoff}
                  me={me}
                  looking={lookers.get(handoff.id)?.join(", ") ?? ""}
                  isSelected={handoff.id === selected}
                  mayClaim={mayClaim}
                  isClaiming={claiming === handoff.id}
                  onSelect={select}
                  onClaim={onClaim}
                />
              </li>
            );
          })}
        </ul>
      </div>
      {above > 0 && (
        <button type="button" className={classes["above"]} onClick={toTop}>
          ↑ {say.queue.toTop}
        </button>
      )}
    </div>
  );
}

function placeOf(handoffs: readonly HandoffView[], id: string | null): number {
  return id === null ? -1 : handoffs.findIndex((one) => one.id === id);
}
