import { useCallback, useEffect, useRef, useState } from "react";
import { useQuery } from "../app/address";
import { useAnswer, useLight } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { AttainmentCard } from "../metrics/AttainmentCard";
import { Behind } from "../metrics/Behind";
import { type Counted, inQuery, ShowBehind, toQuery } from "../metrics/behind";
import { Durations } from "../metrics/Durations";
import { HeatMap } from "../metrics/HeatMap";
import { LiveRow } from "../metrics/LiveRow";
import { Made } from "../metrics/Made";
import { Outcomes } from "../metrics/Outcomes";
import { People } from "../metrics/People";
import { Rates } from "../metrics/Rates";
import { type Asked, useWindow } from "../metrics/window";
import { WindowChoice } from "../metrics/WindowChoice";
import { Button } from "../parts/controls";
import { useQueue } from "../queue/room";
import type { Metrics } from "../realtime/wire";
import classes from "./MetricsPage.module.css";

/** Counting takes the server a moment, so what happens in the queue is followed at most so often. */
const SETTLED_MS = 2_000;
/** Ages grow and targets pass without anything happening. */
const RECOUNT_MS = 30_000;

/** How the account's escalations go. Every figure opens the handoffs behind it. */
export function MetricsPage() {
  const { say } = useWords();
  const [chosen, change] = useWindow();
  const [query] = useQuery();
  const isLive = useLight().kind === "live";
  const { again, ...loaded } = useAnswer("queue:metrics", chosen.asked);
  // what was counted stays while it is counted again
  const [metrics, setMetrics] = useState<Metrics | null>(null);
  if (loaded.kind === "ready" && loaded.data !== metrics) setMetrics(loaded.data);
  useRecount(again);
  const behind = inQuery(query, say);
  const show = useCallback((of: Counted) => change(toQuery(of)), [change]);
  return (
    <ShowBehind value={show}>
      <div className={classes["page"]}>
        <h1>{say.metrics.title}</h1>
        <WindowChoice chosen={chosen} change={change} metrics={metrics} />
        {metrics !== null && !isLive && <p className={classes["old"]}>{say.metrics.old}</p>}
        {metrics === null && loaded.kind === "loading" && <p role="status">{say.metrics.loading}</p>}
        {loaded.kind === "refused" && loaded.error.code !== "offline" && (
          <div role="alert">
            <p>{refusalSentence(say, loaded.error)}</p>
            <Button variant="default" onClick={again}>
              {say.metrics.again}
            </Button>
          </div>
        )}
        {metrics !== null && <Counts metrics={metrics} asked={chosen.asked} />}
        {behind !== null && <Behind of={behind} asked={chosen.asked} onClose={() => change(toQuery(null))} />}
      </div>
    </ShowBehind>
  );
}

function Counts({ metrics, asked }: { metrics: Metrics; asked: Asked }) {
  const { say } = useWords();
  if (metrics.created === 0) {
    return (
      <>
        <LiveRow now={metrics.now} />
        <p className={classes["none"]}>{say.metrics.none}</p>
      </>
    );
  }
  return (
    <>
      <LiveRow now={metrics.now} />
      <div className={classes["card"]}>
        <Durations metrics={metrics} />
      </div>
      <div className={classes["card"]}>
        <AttainmentCard metrics={metrics} />
      </div>
      <div className={classes["thirds"]}>
        <Rates metrics={metrics} />
      </div>
      <div className={classes["card"]}>
        <Made metrics={metrics} />
      </div>
      <div className={classes["card"]}>
        <Outcomes metrics={metrics} />
      </div>
      <div className={classes["card"]}>
        <HeatMap asked={asked} />
      </div>
      {metrics.people !== null && metrics.people.length > 0 && (
        <div className={classes["card"]}>
          <People people={metrics.people} />
        </div>
      )}
    </>
  );
}

/** Counts again when something happened in the queue, and now and then while somebody can see it. */
function useRecount(again: () => void): void {
  const count = useRef(again);
  useEffect(() => {
    count.current = again;
  });
  const due = useRef<ReturnType<typeof setTimeout> | null>(null);
  const hear = useCallback(() => {
    due.current ??= setTimeout(() => {
      due.current = null;
      count.current();
    }, SETTLED_MS);
  }, []);
  useQueue(hear);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && count.current(), RECOUNT_MS);
    return () => {
      clearInterval(timer);
      if (due.current !== null) clearTimeout(due.current);
      due.current = null;
    };
  }, []);
}
