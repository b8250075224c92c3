import { useWords } from "../app/words";
import { LEVELS, Severity } from "../parts/Severity";
import type { Metrics } from "../realtime/wire";
import { Bars } from "./Bars";
import { Delta } from "./Delta";
import { Figure } from "./Figure";
import classes from "./Made.module.css";

const REASONS = [
  "no_access",
  "skill",
  "out_of_ideas",
  "time_box",
  "approval",
  "risk",
  "vendor",
  "client_request",
] as const;

/** How many were made, how severe, and why. */
export function Made({ metrics: { created, breakdown, previous } }: { metrics: Metrics }) {
  const { say } = useWords();
  const bySeverity = LEVELS.map((severity) => ({
    of: { figure: "created" as const, severity },
    name: <Severity level={severity} />,
    count: breakdown.severity[severity] ?? 0,
  }));
  const byReason = REASONS.map((reason) => ({
    of: { figure: "created" as const, reason },
    name: say.metrics.reasons[reason],
    count: breakdown.reason[reason] ?? 0,
  })).sort((a, b) => b.count - a.count);
  return (
    <section aria-labelledby="made">
      <h2 id="made">{say.metrics.made}</h2>
      <p className={classes["created"]}>
        <Figure count={created} of={{ figure: "created" }}>
          <b>{created}</b>
        </Figure>{" "}
        <Delta now={created} before={previous.created} say={String} better={null} />
      </p>
      <div className={classes["pair"]}>
        <div>
          <h3>{say.metrics.bySeverity}</h3>
          <Bars bars={bySeverity} />
        </div>
        <div>
          <h3>{say.metrics.byReason}</h3>
          <Bars bars={byReason} />
        </div>
      </div>
    </section>
  );
}
