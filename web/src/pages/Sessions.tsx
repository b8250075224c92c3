import { useState } from "react";
import { Link } from "wouter";
import { useQuery } from "../app/address";
import { useAnswer, useConnection, useHello, useMe } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Age } from "../parts/Age";
import { Button } from "../parts/controls";
import type { SessionPage, SessionView } from "../realtime/wire";
import { NewSessionDialog } from "../session/NewSessionDialog";
import classes from "./Sessions.module.css";

export function Sessions() {
  const { say } = useWords();
  const me = useMe();
  const isViewer = useHello()?.user.role === "viewer";
  const [query, change] = useQuery();
  const isMine = query.get("whose") !== "all";
  const isOpen = query.get("state") !== "closed";
  const [isNew, setNew] = useState(false);
  return (
    <>
      <header className={classes["head"]}>
        <h1>{say.sessions.title}</h1>
        <Choice
          label={say.sessions.whose}
          options={[say.sessions.mine, say.sessions.all]}
          isFirst={isMine}
          onChoose={(first) => change({ whose: first ? null : "all" })}
        />
        <Choice
          label={say.sessions.state}
          options={[say.sessions.open, say.sessions.closed]}
          isFirst={isOpen}
          onChoose={(first) => change({ state: first ? null : "closed" })}
        />
        {!isViewer && (
          <Button color="blue.9" className={classes["fresh"] ?? ""} onClick={() => setNew(true)}>
            {say.sessions.fresh}
          </Button>
        )}
      </header>
      <Listed key={`${isMine}.${isOpen}`} isMine={isMine} isOpen={isOpen} isViewer={isViewer} />
      {isNew && <NewSessionDialog me={me} onClose={() => setNew(false)} />}
    </>
  );
}

function Choice({ label, options, isFirst, onChoose }: {
  label: string;
  options: readonly [string, string];
  isFirst: boolean;
  onChoose: (first: boolean) => void;
}) {
  return (
    <div className={classes["choice"]} role="group" aria-label={label}>
      {options.map((option, i) => (
        <button key={option} type="button" aria-pressed={isFirst === (i === 0)} onClick={() => onChoose(i === 0)}>
          {option}
        </button>
      ))}
    </div>
  );
}

/** The newest page, and as many of the older ones as were asked for. */
function Listed({ isMine, isOpen, isViewer }: { isMine: boolean; isOpen: boolean; isViewer: boolean }) {
  const { say } = useWords();
  const connection = useConnection();
  const asked = { status: isOpen ? "open" : "closed", mine: isMine } as const;
  const newest = useAnswer("session:list", asked);
  const [older, setOlder] = useState<SessionPage | null>(null);
  const [isReading, setReading] = useState(false);
  if (newest.kind === "loading") return <p className={classes["note"]}>{say.sessions.loading}</p>;
  if (newest.kind === "refused") {
    return (
      <p className={classes["note"]} role="alert">
        {refusalSentence(say, newest.error)}
      </p>
    );
  }
  const seen = new Set(newest.data.sessions.map((one) => one.id));
  const sessions = [...newest.data.sessions, ...(older?.sessions ?? []).filter((one) => !seen.has(one.id))];
  const next = older === null ? newest.data.next : older.next;

  async function more() {
    if (next === null || isReading) return;
    setReading(true);
    const page = await connection.send("session:list", { ...asked, before: next });
    setReading(false);
    if (!page.ok) return;
    setOlder((known) => ({ sessions: [...(known?.sessions ?? []), ...page.data.sessions], next: page.data.next }));
  }
  if (sessions.length === 0) {
    return (
      <div className={classes["empty"]}>
        <p>{isMine && isOpen ? say.sessions.noneOpenMine : say.sessions.none}</p>
        {isMine && isOpen && (
          <p className={classes["note"]}>{isViewer ? say.sessions.noneHintViewer : say.sessions.noneHint}</p>
        )}
      </div>
    );
  }
  return (
    <>
      <ul className={classes["list"]} aria-label={say.sessions.list}>
        {sessions.map((one) => (
          <Row key={one.id} session={one} />
        ))}
      </ul>
      {next !== null && (
        <Button variant="default" loading={isReading} onClick={() => void more()}>
          {say.sessions.more}
        </Button>
      )}
    </>
  );
}

function Row({ session }: { session: SessionView }) {
  const { say } = useWords();
  const handedOff = session.escalation_package;
  return (
    <li className={classes["row"]}>
      <div className={classes["what"]}>
        <Link href={`/sessions/${session.id}`} className={classes["title"] ?? ""}>
          {session.title}
        </Link>
        <span className={classes["problem"]}>{session.resolution ?? session.problem}</span>
      </div>
      <div className={classes["about"]}>
        <b>{session.client_name}</b>
        <span>{say.sessions.by(session.created_by.name)}</span>
        {handedOff !== null && (
          <span className={classes["handed"]}>{say.sessions.handedOff(say.parts.severity[handedOff.severity])}</span>
        )}
        <Age since={session.closed_at ?? session.created_at} className={classes["age"]} />
      </div>
    </li>
  );
}
