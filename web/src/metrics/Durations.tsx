import { Link } from "wouter";
import { useWords } from "../app/words";
import { LEVELS } from "../parts/Severity";
import type { Duration, Metrics, Targets } from "../realtime/wire";
import { Delta } from "./Delta";
import classes from "./Durations.module.css";
import { Figure } from "./Figure";
import { type Place, placed, scaleOf, ticks } from "./scale";

const NAMES = ["time_to_claim", "time_to_first_action", "time_to_resolve", "queue_wait_total"] as const;

/** Each duration as numbers and as a bar, in one table: the bar is for the eye, the numbers are for everybody. */
export function Durations({ metrics }: { metrics: Metrics }) {
  const { say } = useWords();
  const scale = scaleOf(NAMES.flatMap((name) => [metrics[name].p50, metrics[name].p95]));
  return (
    <section aria-labelledby="durations">
      <h2 id="durations">{say.metrics.durations}</h2>
      <div className={classes["scroll"]}>
        <table className={classes["table"]}>
          <thead>
            <tr>
              <td />
              <th scope="col">{say.metrics.median}</th>
              <th scope="col">{say.metrics.p90}</th>
              <th scope="col">{say.metrics.measured}</th>
              <th scope="col" className={classes["wide"]}>
                {say.metrics.spread}
                <div className={classes["ticks"]} aria-hidden="true">
                  {ticks(scale).map((seconds) => (
                    <i key={seconds} style={placed(scale, seconds)}>
                      {say.metrics.tick(seconds)}
                    </i>
                  ))}
                </div>
              </th>
            </tr>
          </thead>
          <tbody>
            {NAMES.map((name) => (
              <tr key={name}>
                <th scope="row">{say.metrics.durationNames[name]}</th>
                <Numbers
                  duration={metrics[name]}
                  before={metrics.previous[name]}
                  place={scale}
                  targets={name === "time_to_claim" ? metrics.targets : null}
                />
                <td className={classes["count"]}>
                  <Figure count={metrics[name].n} of={{ figure: `${name}.n` }} />
                </td>
                <td className={classes["wide"]}>
                  <Bar
                    duration={metrics[name]}
                    place={scale}
                    targets={name === "time_to_claim" ? metrics.targets : null}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={classes["scale"]}>
        {say.metrics.scale} {say.metrics.scaleTargets}
      </p>
    </section>
  );
}

interface Shown {
  duration: Duration;
  place: Place;
  targets: Targets | null;
}

function Numbers({ duration, before }: Shown & { before: Duration }) {
  const { say } = useWords();
  const told = (seconds: number) => say.parts.lasting(seconds * 1_000);
  if (duration.n === 0) {
    return (
      <td colSpan={2} className={classes["none"]}>
        {say.metrics.noneShort}
      </td>
    );
  }
  if (duration.p50 === null || duration.p90 === null) {
    return (
      <td colSpan={2}>
        <span className={classes["few"]}>{say.metrics.few(duration.n)}</span>
        <ul className={classes["values"]}>
          {(duration.values ?? []).map((value) => (
            <li key={value.handoff_id}>
              <Link href={`/handoffs/${value.handoff_id}`}>{told(value.seconds)}</Link>
            </li>
          ))}
        </ul>
      </td>
    );
  }
  return (
    <>
      <td>
        <b>{told(duration.p50)}</b>
        <Delta now={duration.p50} before={before.p50} say={told} better="less" />
      </td>
      <td>
        <b>{told(duration.p90)}</b>
        <Delta now={duration.p90} before={before.p90} say={told} better="less" />
      </td>
    </>
  );
}

function Bar({ duration: { p50, p75, p90, p95 }, place, targets }: Shown) {
  const { say } = useWords();
  if (p50 === null || p75 === null || p90 === null || p95 === null) return null;
  const told = (seconds: number) => say.parts.lasting(seconds * 1_000);
  const name = say.metrics.spreadOf(told(p50), told(p75), told(p90), told(p95));
  return (
    <div className={classes["bar"]} role="img" aria-label={name} title={name}>
      <i className={classes["line"]} style={placed(place, p50, p95)} />
      <i className={classes["box"]} style={placed(place, p50, p90)} />
      <i className={classes["dot"]} style={placed(place, p50)} />
      {targets !== null &&
        LEVELS.map((level) => (
          <i
            key={level}
            className={classes["target"]}
            data-level={level}
            style={placed(place, targets[level])}
            title={say.metrics.targetOf(say.parts.severity[level], told(targets[level]))}
          />
        ))}
    </div>
  );
}
