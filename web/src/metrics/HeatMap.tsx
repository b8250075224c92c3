import { useMemo, useState } from "react";
import { useWords } from "../app/words";
import { Dialog } from "../parts/Dialog";
import type { CountedHandoff } from "../realtime/wire";
import { BehindTable, Rows } from "./Behind";
import classes from "./HeatMap.module.css";
import { byHour, useMadeHandoffs } from "./made";
import type { Asked } from "./window";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** Percent of the colour in the fullest cell and in one with a single handoff: text stays readable on both. */
const FULL = 45;
const FAINT = 10;

/** When handoffs are made: a table whose cells are tinted by how many there are. */
export function HeatMap({ asked }: { asked: Asked }) {
  const { say } = useWords();
  const made = useMadeHandoffs(asked);
  const [open, setOpen] = useState<{ name: string; handoffs: readonly CountedHandoff[] } | null>(null);
  const cells = useMemo(() => (made === null ? [] : byHour(made.handoffs, asked.tz)), [made, asked.tz]);
  const most = Math.max(1, ...cells.flat().map((cell) => cell.length));
  return (
    <section aria-labelledby="heat">
      <h2 id="heat">{say.metrics.heat}</h2>
      <p className={classes["hint"]}>
        {say.metrics.heatHint(asked.tz.replaceAll("_", " "))}.{" "}
        {made?.isCut === true && say.metrics.heatNewest(made.handoffs.length)}
      </p>
      {made === null && <p role="status">{say.metrics.loading}</p>}
      {made !== null && (
        <div className={classes["scroll"]}>
          <table className={classes["map"]}>
            <thead>
              <tr>
                <th scope="col">{say.metrics.weekday}</th>
                {HOURS.map((hour) => (
                  <th key={hour} scope="col">
                    {hour}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {cells.map((hours, day) => (
                <tr key={day}>
                  <th scope="row">{say.metrics.weekdays[day]}</th>
                  {hours.map((handoffs, hour) => {
                    if (handoffs.length === 0) return <td key={hour} />;
                    const name = say.metrics.cell(say.metrics.weekdays[day] ?? "", hour, handoffs.length);
                    return (
                      <td key={hour} style={{ backgroundColor: tint(handoffs.length / most) }}>
                        <button type="button" aria-label={name} title={name} onClick={() => setOpen({ name, handoffs })}>
                          {handoffs.length}
                        </button>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open !== null && (
        <Dialog title={open.name} onClose={() => setOpen(null)}>
          <BehindTable hasTime={false}>
            <Rows handoffs={open.handoffs} tz={asked.tz} hasTime={false} />
          </BehindTable>
        </Dialog>
      )}
    </section>
  );
}

function tint(share: number): string {
  return `color-mix(in srgb, var(--accent) ${Math.round(FAINT + share * (FULL - FAINT))}%, var(--raised))`;
}
