import { Link } from "wouter";
import { useClaim } from "../app/claiming";
import { useKeys } from "../app/keys";
import { useHello, useLight, useMe } from "../app/live";
import { useWords } from "../app/words";
import { Age } from "../parts/Age";
import { Button } from "../parts/controls";
import type { HandoffView, MessageView, TaskView } from "../realtime/wire";
import classes from "./ClaimBar.module.css";
import { hasTaskLane } from "./starting";
import { UndoClaim } from "./UndoClaim";
import { Withdraw } from "./Withdraw";

interface Work {
  messages: readonly MessageView[];
  tasks: readonly TaskView[];
}

/** Whose it is, and the one thing there is to do about it. It changes by itself, so it is told to who cannot see it. */
export function ClaimBar({ handoff, work }: { handoff: HandoffView; work: Work }) {
  return (
    <div className={classes["bar"]}>
      <div className={classes["line"]} role="status">
        <Standing handoff={handoff} ways={hasTaskLane(handoff, work.tasks) ? 3 : 2} />
      </div>
      <ToDo handoff={handoff} work={work} />
    </div>
  );
}

function Standing({ handoff, ways }: { handoff: HandoffView; ways: 2 | 3 }) {
  const { say, locale } = useWords();
  const me = useMe();
  const mayClaim = useMayClaim(handoff);
  const time = (at: string | null) =>
    at === null ? "" : new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const owner = handoff.claimed_by;
  if (handoff.status === "queued") {
    if (handoff.handed_off_by.id === me) return say.handoff.ownHandoff;
    return mayClaim ? say.handoff.takesIt(ways) : say.handoff.notForRole;
  }
  if (handoff.status === "claimed" && owner !== null) {
    if (owner.id === me) {
      return handoff.claimed_at === null ? (
        say.handoff.yours
      ) : (
        <>
          {say.handoff.yoursSince} <Age since={handoff.claimed_at} />.
        </>
      );
    }
    const told = handoff.handed_off_by.id === me ? say.handoff.ownTaken : say.handoff.othersSince;
    return told(owner.name, time(handoff.claimed_at));
  }
  const status = say.handoff.status[handoff.status];
  const closed = new Date(handoff.closed_at ?? handoff.created_at).toLocaleString(locale);
  const told = handoff.closed_by === null
    ? say.handoff.ended(status, closed)
    : say.handoff.endedBy(status, handoff.closed_by.name, closed);
  return (
    <>
      {told}
      {handoff.outcome !== null && <b> · {say.parts.outcome[handoff.outcome]}</b>}
      {handoff.outcome_note !== null && <span className={classes["note"]}>{handoff.outcome_note}</span>}
    </>
  );
}

function ToDo({ handoff, work }: { handoff: HandoffView; work: Work }) {
  const { say } = useWords();
  const me = useMe();
  if (handoff.status === "queued") {
    return handoff.handed_off_by.id === me ? <Withdraw handoff={handoff} /> : <ClaimButton handoff={handoff} />;
  }
  const isMine = handoff.claimed_by?.id === me;
  if (handoff.status === "claimed" && isMine) return <UndoClaim handoff={handoff} {...work} />;
  return (
    <Link href={`/sessions/${handoff.session_id}`} className={classes["link"] ?? ""}>
      {say.handoff.openSession}
    </Link>
  );
}

function ClaimButton({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  const { claim, busy } = useClaim();
  const isLive = useLight().kind === "live";
  const mayClaim = useMayClaim(handoff);
  useKeys({ c: () => mayClaim && claim(handoff) });
  if (!mayClaim) return null;
  const isBusy = busy === handoff.id;
  return (
    <>
      {isBusy && !isLive && <span className={classes["held"]}>{say.handoff.held}</span>}
      <Button size="md" color="blue.9" onClick={() => claim(handoff)} loading={isBusy} aria-keyshortcuts="c">
        {say.handoff.claim}
      </Button>
      <kbd className={classes["key"]}>{say.handoff.claimKey}</kbd>
    </>
  );
}

/** By what a client knows. The account may let other roles claim too; the server decides. */
function useMayClaim(handoff: HandoffView): boolean {
  const hello = useHello();
  const isOwn = handoff.handed_off_by.id === hello?.user.id;
  return !isOwn && (hello?.user.role === "senior" || hello?.user.role === "admin");
}
