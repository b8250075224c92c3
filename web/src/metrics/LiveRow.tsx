import { useWords } from "../app/words";
import type { Metrics } from "../realtime/wire";
import type { Counted } from "./behind";
import { Figure } from "./Figure";
import classes from "./LiveRow.module.css";

/** How it stands at this moment, whatever the window. */
export function LiveRow({ now }: { now: Metrics["now"] }) {
  const { say } = useWords();
  const counts: { count: number; figure: Counted["figure"]; name: string; tone?: "bad" | "warn" }[] = [
    { count: now.waiting, figure: "now.waiting", name: say.metrics.waiting },
    { count: now.past_target, figure: "now.past_target", name: say.metrics.pastTarget, tone: "bad" },
    { count: now.claimed_active, figure: "now.claimed_active", name: say.metrics.inWork },
    { count: now.stale, figure: "now.stale", name: say.metrics.quiet, tone: "warn" },
  ];
  const wait = now.oldest_wait_s;
  return (
    <section aria-labelledby="now">
      <h2 id="now">{say.metrics.now}</h2>
      <div className={classes["row"]}>
        {counts.map(({ count, figure, name, tone }) => (
          <div key={figure} className={classes["tile"]} data-tone={count > 0 ? tone : undefined}>
            <b>
              <Figure count={count} of={{ figure }} />
            </b>
            <span>{name}</span>
          </div>
        ))}
        <div className={classes["tile"]}>
          {wait === null ? (
            <b className={classes["none"]}>–</b>
          ) : (
            <b>
              <Figure count={now.waiting} of={{ figure: "now.waiting" }}>
                {say.parts.lasting(wait * 1_000)}
              </Figure>
            </b>
          )}
          <span>{wait === null ? say.metrics.nothingWaits : say.metrics.oldest}</span>
        </div>
      </div>
    </section>
  );
}
