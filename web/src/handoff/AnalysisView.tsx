import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { useWords } from "../app/words";
import type { Analysis, MessageView, Ref, TaskView } from "../realtime/wire";
import { Cited } from "./Cited";
import { stepId } from "./Tried";
import classes from "./AnalysisView.module.css";

export interface Held {
  messages: readonly MessageView[];
  tasks: readonly TaskView[];
}

/** Likely causes with what speaks for and against them, and what to look at next; then the way on. */
export function AnalysisView({ analysis, held, sessionId }: { analysis: Analysis; held: Held; sessionId: string }) {
  const { say } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={classes["analysis"]} aria-labelledby="analysis">
      <h2 id="analysis" ref={heading} tabIndex={-1}>
        {say.handoff.analysis}
      </h2>
      <p className={classes["by"]}>{say.handoff.analysisBy[analysis.producer]}</p>
      <h3>{say.handoff.hypotheses}</h3>
      {analysis.hypotheses.length === 0 && <p>{say.handoff.noHypotheses}</p>}
      <ol>
        {analysis.hypotheses.map((hypothesis, index) => (
          <li key={index}>
            <div className={classes["text"]}>{hypothesis.text}</div>
            <Refs label={say.handoff.speaksFor} refs={hypothesis.support} held={held} />
            <Refs label={say.handoff.speaksAgainst} refs={hypothesis.against} held={held} />
          </li>
        ))}
      </ol>
      <h3>{say.handoff.checks}</h3>
      {analysis.next_checks.length === 0 && <p>{say.handoff.noChecks}</p>}
      <ol>
        {analysis.next_checks.map((check, index) => (
          <li key={index}>
            <div className={classes["text"]}>{check.text}</div>
            <div className={classes["foot"]}>
              <span className={classes["risk"]} data-risk={check.risk}>
                {say.handoff.risk[check.risk]}
              </span>
              {check.repeats_step !== null && <Repeats step={check.repeats_step} />}
              <span className={classes["by"]}>{say.handoff.checkWhy(check.why)}</span>
              <Refs refs={check.refs} held={held} />
            </div>
          </li>
        ))}
      </ol>
      <Link href={`/sessions/${sessionId}`} className={classes["on"] ?? ""}>
        {say.handoff.toSession}
      </Link>
    </section>
  );
}

function Repeats({ step }: { step: number }) {
  const { say } = useWords();
  const show = () => {
    const shown = document.getElementById(stepId(step));
    shown?.scrollIntoView({ block: "center" });
    shown?.focus({ preventScroll: true });
  };
  return (
    <button type="button" className={classes["ref"]} onClick={show}>
      {say.handoff.repeats(step)}
    </button>
  );
}

function Refs({ label, refs, held }: { label?: string; refs: readonly Ref[]; held: Held }) {
  const { say, locale } = useWords();
  if (refs.length === 0) return null;
  const name = (ref: Ref) => {
    if (ref.kind === "handoff") return say.handoff.refAsk;
    const task = held.tasks.find((one) => one.id === ref.id);
    if (task !== undefined) return task.title;
    const message = held.messages.find((one) => one.id === ref.id);
    if (message === undefined) return say.handoff.refElsewhere;
    const time = new Date(message.at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
    return say.handoff.refMessage(message.author.name, time);
  };
  return (
    <div className={classes["refs"]}>
      {label !== undefined && <span>{label}</span>}
      {refs.map((ref) => (
        <Cited key={`${ref.kind} ${ref.id}`} refs={[ref]} className={classes["ref"]}>
          {name(ref)}
        </Cited>
      ))}
    </div>
  );
}
