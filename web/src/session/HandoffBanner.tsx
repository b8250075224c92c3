import { useState } from "react";
import { Link } from "wouter";
import { useTicking } from "../app/clock";
import { useWords } from "../app/words";
import { OwnerActions } from "../handoff/OwnerActions";
import { Withdraw } from "../handoff/Withdraw";
import { Moment } from "../parts/Age";
import { Severity } from "../parts/Severity";
import { lookersByHandoff, useQueue } from "../queue/room";
import type { HandoffView, Member } from "../realtime/wire";
import classes from "./HandoffBanner.module.css";

interface Props {
  handoff: HandoffView;
  me: string;
  members: readonly Member[];
}

/** What became of the session's handoff, live: whether it waits, who reads it, who has it, how it ended. */
export function HandoffBanner({ handoff, me, members }: Props) {
  const { say } = useWords();
  const owner = handoff.claimed_by;
  const isMine = owner?.id === me;
  const [isOpen, setOpen] = useState(false); // of the phone's one line; elsewhere all of it is shown
  const isHere = members.some((one) => one.id === owner?.id);
  return (
    <section className={classes["banner"]} data-status={handoff.status} data-open={isOpen} aria-live="polite">
      <div className={classes["line"]}>
        <Severity level={handoff.severity} />
        {handoff.status === "queued" && <Waiting handoff={handoff} me={me} />}
        {handoff.status === "claimed" && owner !== null && (
          <>
            <span>
              <b>{isMine ? say.session.youHave : say.session.claimedBy(owner.name)}</b>{" "}
              {handoff.claimed_at !== null && <Moment at={handoff.claimed_at} />}
            </span>
            {!isMine && (
              <span className={isHere ? classes["good"] : classes["faint"]}>
                {isHere ? say.session.isHere(owner.name) : say.session.notHere(owner.name)}
              </span>
            )}
            {handoff.stale && !isMine && <span className={classes["warn"]}>{say.session.stale(owner.name)}</span>}
          </>
        )}
      </div>
      <button
        type="button"
        className={classes["toggle"]}
        aria-expanded={isOpen}
        aria-label={isOpen ? say.session.less : say.session.more}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? "▴" : "▾"}
      </button>
      <p className={classes["ask"]}>{handoff.ask}</p>
      <div className={classes["acts"]}>
        <Link href={`/handoffs/${handoff.id}`} className={classes["link"] ?? ""}>
          {handoff.handed_off_by.id === me ? say.session.view : say.session.context}
        </Link>
        {handoff.status === "queued" && handoff.handed_off_by.id === me && <Withdraw handoff={handoff} />}
        {handoff.status === "claimed" && <OwnerActions handoff={handoff} />}
      </div>
    </section>
  );
}

/** Who looks at it is told by the queue's members, and remembered while this page is open. */
function Waiting({ handoff, me }: { handoff: HandoffView; me: string }) {
  const { say } = useWords();
  const { presence } = useQueue();
  const lookers = lookersByHandoff(presence, me).get(handoff.id) ?? [];
  const [readers, setReaders] = useState<readonly string[]>([]);
  const fresh = lookers.filter((name) => !readers.includes(name));
  if (fresh.length > 0) setReaders([...readers, ...fresh]);
  const queued = Date.parse(handoff.first_queued_at);
  const target = Date.parse(handoff.claim_by);
  const age = useTicking((now) => say.session.waitingSince(say.parts.lasting(now - queued)));
  const goal = useTicking((now) => {
    const left = say.parts.lasting(Math.abs(target - now));
    return now > target ? say.session.targetOver(left) : say.session.targetIn(left);
  });
  const isOver = useTicking((now) => (now > target ? "over" : "")) !== "";
  const now = lookers.join(", ");
  const reading = lookers.length > 1 ? say.session.readingMany(now) : say.session.reading(now);
  const read = readers.length === 0 ? say.session.noReader : say.session.wasRead(readers.join(", "));
  return (
    <>
      <span aria-live="off">
        <b>{age}</b> · <span className={isOver ? classes["warn"] : classes["faint"]}>{goal}</span>
      </span>
      <span className={lookers.length > 0 ? classes["good"] : classes["faint"]}>{lookers.length > 0 ? reading : read}</span>
    </>
  );
}
