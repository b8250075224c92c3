import type { ReactNode } from "react";
import { useWords } from "../app/words";
import { type Counted, figureName, useShowBehind } from "./behind";
import classes from "./Figure.module.css";

/** A number that opens the handoffs it counts; 0 has none to open. */
export function Figure({ count, of, children }: { count: number; of: Counted; children?: ReactNode }) {
  const { say } = useWords();
  const show = useShowBehind();
  if (count === 0) return <span className={classes["none"]}>{children ?? count}</span>;
  const name = children === undefined ? `${count}: ${figureName(say, of)}` : undefined;
  return (
    <button type="button" className={classes["figure"]} aria-label={name} onClick={() => show(of)}>
      {children ?? count}
    </button>
  );
}

export interface Told {
  count: number;
  figure: Counted["figure"];
  tone?: "good" | "warn" | "bad";
}

/** Some numbers of one kind with what they are, as a list. */
export function Figures({ figures }: { figures: readonly Told[] }) {
  const { say } = useWords();
  return (
    <ul className={classes["list"]}>
      {figures.map(({ count, figure, tone }) => (
        <li key={figure} data-tone={tone}>
          <Figure count={count} of={{ figure }}>
            <b>{count}</b> {figureName(say, { figure })}
          </Figure>
        </li>
      ))}
    </ul>
  );
}
