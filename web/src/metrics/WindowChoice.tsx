import { useWords } from "../app/words";
import type { Metrics } from "../realtime/wire";
import { type Chosen, DAYS, myZone } from "./window";
import classes from "./WindowChoice.module.css";

export function WindowChoice({ chosen, change, metrics }: {
  chosen: Chosen;
  change: (change: Record<string, string | null>) => void;
  metrics: Metrics | null;
}) {
  const { say, locale } = useWords();
  const zones = Intl.supportedValuesOf("timeZone");
  const first = [...new Set([chosen.tz, myZone(), "UTC"])];
  const day = (at: string, ms = 0) =>
    new Date(Date.parse(at) - ms).toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric", timeZone: chosen.tz });
  return (
    <div className={classes["choice"]}>
      <div className={classes["line"]}>
        <div role="group" aria-label={say.metrics.window} className={classes["days"]}>
          {DAYS.map((days) => (
            <button
              key={days}
              type="button"
              aria-pressed={chosen.days === days}
              onClick={() => change({ days: String(days), from: null, to: null })}
            >
              {say.metrics.lastDays(days)}
            </button>
          ))}
          <button
            type="button"
            aria-pressed={chosen.days === null}
            onClick={() => change({ days: null, from: chosen.first, to: chosen.last })}
          >
            {say.metrics.own}
          </button>
        </div>
        {chosen.days === null && (
          <>
            <label>
              {say.metrics.from}
              <input
                type="date"
                value={chosen.first}
                max={chosen.last}
                onChange={(event) => event.currentTarget.value !== "" && change({ from: event.currentTarget.value })}
              />
            </label>
            <label>
              {say.metrics.to}
              <input
                type="date"
                value={chosen.last}
                min={chosen.first}
                onChange={(event) => event.currentTarget.value !== "" && change({ to: event.currentTarget.value })}
              />
            </label>
          </>
        )}
        <label>
          {say.metrics.zone}
          <select value={chosen.tz} onChange={(event) => change({ tz: event.currentTarget.value })}>
            {[...first, ...zones.filter((zone) => !first.includes(zone))].map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </label>
      </div>
      {metrics !== null && (
        <p className={classes["shows"]}>
          {say.metrics.shows(day(metrics.window.from), day(metrics.window.to, 1))},{" "}
          {say.metrics.compared(day(metrics.previous.window.from), day(metrics.previous.window.to, 1))}.
        </p>
      )}
    </div>
  );
}
