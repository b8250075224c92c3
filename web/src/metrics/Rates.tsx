import { useWords } from "../app/words";
import type { Metrics } from "../realtime/wire";
import { Delta } from "./Delta";
import { Figures, type Told } from "./Figure";
import { usePercent } from "./percent";
import classes from "./Rates.module.css";

/** What went wrong on the way to a senior: given up, raced for, come back. */
export function Rates({ metrics: { abandonment, conflicts, rebound, previous } }: { metrics: Metrics }) {
  const { say } = useWords();
  const { abandonmentOf, conflictsOf, reboundOf } = say.metrics;
  const givenUp = abandonment.expired + abandonment.withdrawn + abandonment.cancelled_queued;
  return (
    <>
      <Rate
        title={say.metrics.abandonment}
        rate={abandonment.rate}
        before={previous.abandonment.rate}
        text={abandonmentOf(givenUp, abandonment.created)}
        figures={[
          { count: abandonment.expired, figure: "abandonment.expired" },
          { count: abandonment.withdrawn, figure: "abandonment.withdrawn" },
          { count: abandonment.cancelled_queued, figure: "abandonment.cancelled_queued" },
          { count: abandonment.self_solved, figure: "abandonment.self_solved" },
        ]}
      />
      <Rate
        title={say.metrics.conflicts}
        rate={conflicts.rate}
        before={previous.conflicts.rate}
        text={conflictsOf(conflicts.handoffs, conflicts.claimed)}
        figures={[
          { count: conflicts.handoffs, figure: "conflicts.handoffs" },
          { count: conflicts.stale_view, figure: "conflicts.stale_view" },
        ]}
      />
      <Rate
        title={say.metrics.rebound}
        rate={rebound.rate}
        before={previous.rebound.rate}
        text={reboundOf(rebound.handoffs, rebound.claimed)}
        figures={[
          { count: rebound.handoffs, figure: "rebound.handoffs" },
          { count: rebound.claimed, figure: "rebound.claimed" },
        ]}
      />
    </>
  );
}

function Rate({ title, rate, before, text, figures }: {
  title: string;
  rate: number | null;
  before: number | null;
  text: string;
  figures: readonly Told[];
}) {
  const { say } = useWords();
  const percent = usePercent();
  return (
    <section>
      <h2>{title}</h2>
      {rate === null ? (
        <p className={classes["none"]}>{say.metrics.noneShort}</p>
      ) : (
        <>
          <p className={classes["rate"]}>
            <b>{percent(rate)}</b> <Delta now={rate} before={before} say={percent} better="less" />
          </p>
          <p className={classes["text"]}>{text}</p>
        </>
      )}
      <Figures figures={figures} />
    </section>
  );
}
