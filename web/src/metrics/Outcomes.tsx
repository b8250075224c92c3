import { useWords } from "../app/words";
import type { Metrics } from "../realtime/wire";
import { Bars } from "./Bars";
import { Delta } from "./Delta";
import classes from "./Outcomes.module.css";

const OUTCOMES = [
  "fixed_by_senior",
  "guided_engineer",
  "workaround",
  "no_fault_found",
  "returned_needs_info",
  "escalated_further",
  "vendor",
  "client_action",
  "duplicate",
] as const;

/** How those that were resolved ended. */
export function Outcomes({ metrics: { outcomes, previous } }: { metrics: Metrics }) {
  const { say } = useWords();
  const resolved = total(outcomes);
  const bars = OUTCOMES.map((outcome) => ({
    of: { figure: `outcomes.${outcome}` as const },
    name: say.parts.outcome[outcome],
    count: outcomes[outcome] ?? 0,
  })).sort((a, b) => b.count - a.count);
  return (
    <section aria-labelledby="outcomes">
      <h2 id="outcomes">{say.metrics.outcomes}</h2>
      {resolved === 0 ? (
        <p className={classes["none"]}>{say.metrics.noneShort}</p>
      ) : (
        <>
          <p className={classes["resolved"]}>
            <b>{resolved}</b> {say.metrics.resolvedOnes}{" "}
            <Delta now={resolved} before={total(previous.outcomes)} say={String} better={null} />
          </p>
          <Bars bars={bars} />
        </>
      )}
    </section>
  );
}

function total(outcomes: Metrics["outcomes"]): number {
  return Object.values(outcomes).reduce((sum, count) => sum + count, 0);
}
