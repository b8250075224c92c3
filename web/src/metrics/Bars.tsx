import type { ReactNode } from "react";
import classes from "./Bars.module.css";
import type { Counted } from "./behind";
import { Figure } from "./Figure";

export interface Bar {
  of: Counted;
  name: ReactNode;
  count: number;
}

/** Counts of one kind beside each other: a bar for the eye, the number for everybody. */
export function Bars({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(...bars.map(({ count }) => count), 1);
  return (
    <ul className={classes["bars"]}>
      {bars.map(({ of, name, count }) => (
        <li key={`${of.figure}${of.severity ?? ""}${of.reason ?? ""}`}>
          <span>{name}</span>
          <i aria-hidden="true">
            <i style={{ width: `${(count / most) * 100}%` }} />
          </i>
          <Figure count={count} of={of} />
        </li>
      ))}
    </ul>
  );
}
