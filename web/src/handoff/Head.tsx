import type { ReactNode } from "react";
import { useTicking } from "../app/clock";
import { useWords } from "../app/words";
import { Age } from "../parts/Age";
import { Severity } from "../parts/Severity";
import type { HandoffView, Package, SessionView } from "../realtime/wire";
import classes from "./Head.module.css";

/** What it is, how bad, whose, and how long it has waited. */
export function Head({ handoff, shown, session, children }: {
  handoff: HandoffView;
  shown: Package;
  session: SessionView;
  children: ReactNode;
}) {
  const { say } = useWords();
  const { symptom, impact, since } = shown.situation;
  const why = shown.severity.why ?? impact;
  return (
    <header className={classes["head"]}>
      <div className={classes["top"]}>
        <Severity level={handoff.severity} />
        <span className={classes["status"]} data-status={handoff.status}>
          {say.handoff.status[handoff.status]}
        </span>
        {handoff.attempt_no > 1 && <span>{say.handoff.attempt(handoff.attempt_no)}</span>}
        {handoff.stale && <span className={classes["stale"]}>{say.handoff.stale}</span>}
      </div>
      <h1>{shown.headline ?? say.handoff.noHeadline}</h1>
      {symptom !== null && <p className={classes["symptom"]}>{symptom}</p>}
      {why !== null && why !== symptom && <p className={classes["why"]}>{why}</p>}
      <dl className={classes["facts"]}>
        <Fact name={say.handoff.client}>{shown.background.client ?? session.client_name}</Fact>
        <Fact name={say.handoff.asset}>{shown.background.asset}</Fact>
        <Fact name={say.handoff.since}>{since}</Fact>
        <Fact name={say.handoff.from}>{handoff.handed_off_by_name}</Fact>
        <Waited handoff={handoff} />
        {handoff.status === "queued" && (
          <Fact name={say.handoff.target}>
            <Target at={handoff.claim_by} />
          </Fact>
        )}
      </dl>
      {children}
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  const { say } = useWords();
  const isKnown = children !== null && children !== "";
  return (
    <div>
      <dt>{name}</dt>
      <dd data-known={isKnown}>{isKnown ? children : say.handoff.unknown}</dd>
    </div>
  );
}

function Waited({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  if (handoff.status === "queued") {
    return (
      <Fact name={say.handoff.waiting}>
        <Age since={handoff.first_queued_at} />
      </Fact>
    );
  }
  const end = handoff.claimed_at ?? handoff.closed_at;
  if (end === null) return null;
  return <Fact name={say.handoff.waited}>{say.parts.lasting(Date.parse(end) - Date.parse(handoff.first_queued_at))}</Fact>;
}

function Target({ at }: { at: string }) {
  const { say } = useWords();
  const then = Date.parse(at);
  const text = useTicking((now) => {
    const time = say.parts.lasting(Math.abs(then - now));
    return now > then ? say.handoff.targetPast(time) : say.handoff.targetIn(time);
  });
  const isPast = useTicking((now) => String(now > then)) === "true";
  return (
    <span className={classes["target"]} data-past={isPast}>
      {text}
    </span>
  );
}
