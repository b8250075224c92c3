import { useWords } from "../app/words";
import classes from "./Delta.module.css";

/** What became of a number since the window before; nothing is said where one of the two was not measured. */
export function Delta({ now, before, say: told, better }: {
  now: number | null;
  before: number | null;
  /** A difference in words. */
  say: (difference: number) => string;
  better: "less" | "more" | null;
}) {
  const { say } = useWords();
  if (now === null || before === null) return null;
  const difference = now - before;
  const amount = told(Math.abs(difference));
  if (amount === told(0)) return <span className={classes["delta"]}>{say.metrics.same}</span>;
  const isMore = difference > 0;
  const tone = better === null ? undefined : isMore === (better === "more") ? "good" : "bad";
  return (
    <span className={classes["delta"]} data-tone={tone}>
      <span aria-hidden="true">{isMore ? "▲" : "▼"}</span>{" "}
      {isMore ? say.metrics.deltaMore(amount) : say.metrics.deltaLess(amount)}
    </span>
  );
}
