import { useWords } from "../app/words";
import type { HandoffView, Package, SessionView } from "../realtime/wire";
import { useLightable } from "./lighting";
import classes from "./Ask.module.css";

/** What was typed with the session and the escalation: the ask, why the engineer cannot go on, the problem. */
export function Ask({ handoff, shown, session }: { handoff: HandoffView; shown: Package; session: SessionView }) {
  const { say } = useWords();
  const lightable = useLightable({ kind: "handoff", id: handoff.id });
  const isLit = lightable["data-lit"];
  return (
    <section className={classes["ask"]} {...lightable}>
      <h2>{say.handoff.ask}</h2>
      <p className={classes["one"]}>{handoff.ask}</p>
      <h2>{say.handoff.why}</h2>
      <p>
        {say.handoff.reasons[handoff.reason]}
        {typedWith(shown.stuck_because)}
      </p>
      <details key={String(isLit)} open={isLit}>
        <summary>{say.handoff.problem}</summary>
        <p>{session.problem}</p>
      </details>
    </section>
  );
}

/** The sentence begins with the reason, which is told in the reader's language; a colon and the note follow. */
function typedWith(stuck: string): string {
  const colon = stuck.indexOf(": ");
  return colon < 0 ? "" : `: ${stuck.slice(colon + 2)}`;
}
