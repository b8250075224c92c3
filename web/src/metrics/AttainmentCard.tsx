import { useWords } from "../app/words";
import { LEVELS, Severity } from "../parts/Severity";
import type { Attainment, Metrics } from "../realtime/wire";
import classes from "./AttainmentCard.module.css";
import type { Counted } from "./behind";
import { Delta } from "./Delta";
import { Figure, Figures } from "./Figure";
import { usePercent } from "./percent";

const PARTS = [
  { part: "met", tone: "good" },
  { part: "late", tone: "warn" },
  { part: "unclaimed_past_target", tone: "bad" },
] as const;

/** How many were claimed by their target, of those that can be judged, in all and by severity. */
export function AttainmentCard({ metrics: { sla, previous } }: { metrics: Metrics }) {
  const { say } = useWords();
  const percent = usePercent();
  const cell = (count: number, figure: Counted["figure"], severity: (typeof LEVELS)[number]) => (
    <td>
      <Figure count={count} of={{ figure, severity }} />
    </td>
  );
  return (
    <section aria-labelledby="attainment">
      <h2 id="attainment">{say.metrics.attainment}</h2>
      {sla.attainment === null ? (
        <p className={classes["none"]}>{say.metrics.noAttainment}</p>
      ) : (
        <>
          <p className={classes["rate"]}>
            <b>{percent(sla.attainment)}</b>{" "}
            <Delta now={sla.attainment} before={previous.sla.attainment} say={percent} better="more" />
          </p>
          <Stack of={sla} />
        </>
      )}
      <div className={classes["pair"]}>
        <Figures
          figures={[
            ...PARTS.map(({ part, tone }) => ({ count: sla[part], figure: `sla.${part}` as const, tone })),
            { count: sla.too_young, figure: "sla.too_young" },
            { count: sla.ended_before_target, figure: "sla.ended_before_target" },
          ]}
        />
        <div className={classes["scroll"]}>
          <table className={classes["table"]}>
            <thead>
              <tr>
                <th scope="col">{say.metrics.severity}</th>
                <th scope="col">{say.metrics.share}</th>
                <th scope="col">{say.metrics.met}</th>
                <th scope="col">{say.metrics.late}</th>
                <th scope="col">{say.metrics.unclaimed}</th>
              </tr>
            </thead>
            <tbody>
              {LEVELS.map((level) => {
                const of = sla.by_severity[level];
                return (
                  <tr key={level}>
                    <th scope="row">
                      <Severity level={level} />
                    </th>
                    <td>{of.attainment === null ? "–" : percent(of.attainment)}</td>
                    {cell(of.met, "sla.met", level)}
                    {cell(of.late, "sla.late", level)}
                    {cell(of.unclaimed_past_target, "sla.unclaimed_past_target", level)}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </div>
    </section>
  );
}

/** For the eye; the numbers stand below it. */
function Stack({ of }: { of: Attainment }) {
  return (
    <div className={classes["stack"]} aria-hidden="true">
      {PARTS.map(({ part, tone }) => (
        <i key={part} data-tone={tone} style={{ flexGrow: of[part] }} />
      ))}
    </div>
  );
}
