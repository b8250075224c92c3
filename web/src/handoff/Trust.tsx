import { useWords } from "../app/words";
import type { Package } from "../realtime/wire";
import classes from "./Trust.module.css";

/** How well the package is supported, and what it says nothing about. */
export function Trust({ confidence, completeness }: Pick<Package, "confidence" | "completeness">) {
  const { say } = useWords();
  const names: Readonly<Record<string, string>> = say.handoff.fields;
  const percent = Math.round(completeness.score * 100);
  return (
    <section className={classes["trust"]} aria-labelledby="trust">
      <h2 id="trust">{say.handoff.trust}</h2>
      <p className={classes["label"]} data-label={confidence.label} title={say.handoff.confidenceHint}>
        {say.handoff.confidence[confidence.label]}
      </p>
      <ul>
        {confidence.reasons.map((reason) => (
          <li key={reason}>{say.handoff.confidenceReason(reason)}</li>
        ))}
      </ul>
      <div className={classes["complete"]}>
        <progress max={100} value={percent} aria-label={say.handoff.complete(percent)} />
        <span>{say.handoff.complete(percent)}</span>
      </div>
      {completeness.missing.length > 0 && (
        <p className={classes["missing"]}>
          {say.handoff.missing} {completeness.missing.map((field) => names[field] ?? field).join(", ")}.
        </p>
      )}
    </section>
  );
}
