import { useWords } from "../app/words";
import type { HandoffView } from "../realtime/wire";
import classes from "./Severity.module.css";

export type Level = HandoffView["severity"];

/** The most urgent first. */
export const LEVELS: readonly Level[] = ["critical", "high", "normal", "low"];

/** Told by word and by the number of bars, not by colour alone. */
export function Severity({ level }: { level: Level }) {
  const { say } = useWords();
  const bars = 4 - LEVELS.indexOf(level);
  return (
    <span className={classes["severity"]} data-level={level}>
      <span className={classes["bars"]} aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <i key={bar} data-on={bar <= bars} />
        ))}
      </span>
      {say.parts.severity[level]}
    </span>
  );
}
