import { Link } from "wouter";
import { useWords } from "../app/words";
import { Age } from "../parts/Age";
import { Button } from "../parts/controls";
import { Presence } from "../parts/Presence";
import type { PresenceSignal, SessionView } from "../realtime/wire";
import classes from "./SessionHead.module.css";

interface Props {
  session: SessionView;
  presence: PresenceSignal | null;
  mayEscalate: boolean;
  mayClose: boolean;
  onEscalate: () => void;
  onClose: () => void;
}

export function SessionHead({ session, presence, mayEscalate, mayClose, onEscalate, onClose }: Props) {
  const { say } = useWords();
  return (
    <header className={classes["head"]}>
      <div className={classes["what"]}>
        <div className={classes["about"]}>
          <Link href="/sessions" className={classes["back"] ?? ""}>
            ← {say.session.back}
          </Link>
          <b>{session.client_name}</b>
          <span className={classes["state"]} data-state={session.status}>
            {session.status === "open" ? say.session.open : say.session.closed}
          </span>
          <span className={classes["by"]}>
            {session.created_by.name} · <Age since={session.created_at} />
          </span>
        </div>
        <h1>{session.title}</h1>
        <details className={classes["problem"]}>
          <summary>
            {say.session.problem}: {session.problem}
          </summary>
          <p>{session.problem}</p>
        </details>
        {session.resolution !== null && <p className={classes["resolution"]}>{say.session.resolution(session.resolution)}</p>}
      </div>
      <div className={classes["acts"]}>
        {presence !== null && (
          <Presence members={presence.members} count={presence.count} isStale={presence.stale} />
        )}
        {mayClose && (
          <Button variant="default" onClick={onClose}>
            {say.session.close}
          </Button>
        )}
        {mayEscalate && (
          <Button color="blue.9" onClick={onEscalate}>
            {say.session.escalate}
          </Button>
        )}
      </div>
    </header>
  );
}
