import { useWords } from "../app/words";
import type { Step } from "../realtime/wire";
import { Cited } from "./Cited";
import { Said } from "./Known";
import classes from "./Tried.module.css";

/** The element of a tried step, so that a check that repeats it can lead there. */
export function stepId(n: number): string {
  return `tried-${n}`;
}

export function Tried({ steps }: { steps: readonly Step[] }) {
  const { say } = useWords();
  return (
    <section aria-labelledby="tried">
      <h2 id="tried">{say.handoff.tried}</h2>
      {steps.length === 0 && <p className={classes["none"]}>{say.handoff.noneTried}</p>}
      <ol className={classes["steps"]}>
        {steps.map((step) => (
          <li key={step.n} id={stepId(step.n)} value={step.n} tabIndex={-1} data-evidence={step.evidence}>
            <div className={classes["action"]}>{step.action}</div>
            <div className={step.result === null ? classes["unknown"] : classes["result"]}>
              {step.result ?? say.handoff.noResult}
            </div>
            <div className={classes["foot"]}>
              <Cited refs={[step.ref]} className={classes["source"]}>
                {say.handoff.evidence[step.evidence]}
              </Cited>
              <Said by={step.by} at={step.at} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
