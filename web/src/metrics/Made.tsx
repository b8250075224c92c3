import type { ReactNode } from "react";
import { useWords } from "../app/words";
import { LEVELS, Severity } from "../parts/Severity";
import type { Metrics } from "../realtime/wire";
import type { Counted } from "./behind";
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
        <Bars title={say.metrics.bySeverity} bars={bySeverity} />
        <Bars title={say.metrics.byReason} bars={byReason} />
      </div>
    </section>
  );
}

function Bars({ title, bars }: { title: string; bars: readonly { of: Counted; name: ReactNode; count: number }[] }) {
  const most = Math.max(...bars.map(({ count }) => count), 1);
  return (
    <div>
      <h3>{title}</h3>
      <ul className={classes["bars"]}>
        {bars.map(({ of, name, count }) => (
          <li key={`${of.severity ?? ""}${of.reason ?? ""}`}>
            <span>{name}</span>
            <i aria-hidden="true">
              <i style={{ width: `${(count / most) * 100}%` }} />
            </i>
            <Figure count={count} of={of} />
          </li>
        ))}
      </ul>
    </div>
  );
}
