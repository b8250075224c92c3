import { useCallback, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import { useQuery } from "../app/address";
import { useConnection, useHello, useMe, useOwner, useRoom, useStore } from "../app/live";
import { mint } from "../app/mint";
import { useWords } from "../app/words";
import { fill } from "../parts/fill";
import { useLooking } from "../queue/looking";
import type { SessionState } from "../realtime/apply";
import type { LogEntry, PresenceSignal } from "../realtime/wire";
import { type Answers, useAnswers } from "../session/answers";
import { useChanges } from "../session/changes";
import { CloseDialog } from "../session/CloseDialog";
import { ComingAnswer, UnsentMessage } from "../session/Coming";
import { Composer, type Written } from "../session/Composer";
import { Conversation } from "../session/Conversation";
import { useDraft } from "../session/drafts";
import { EscalateDialog } from "../session/EscalateDialog";
import { HandoffBanner } from "../session/HandoffBanner";
import { useKnown } from "../session/known";
import { namedIn, useLit } from "../session/lit";
import { outboxOf } from "../session/outbox";
import { SessionHead } from "../session/SessionHead";
import { useStanding } from "../session/standing";
import { TaskLane } from "../session/TaskLane";
import { joined, type Mark, markOf, marksOf, timeline } from "../session/timeline";
import { useTypists } from "../session/typing";
import { Barred } from "../session/Barred";
import classes from "./SessionPage.module.css";

export function SessionPage({ id }: { id: string }) {
  const { say } = useWords();
  const me = useMe();
  const { answering, asked, hear: hearAnswers } = useAnswers(id);
  const [told, setTold] = useState<readonly Mark[]>([]);
  const hear = useCallback(
    (event: LogEntry) => {
      hearAnswers(event);
      const mark = markOf(event, say);
      if (mark !== null) setTold((known) => [...known, mark]);
    },
    [hearAnswers, say],
  );
  const { state, presence } = useRoom("session", id, hear);
  useLooking(null);
  if (state.kind === "refused") {
    return (
      <div className={classes["missing"]}>
        <p>{say.session.missing}</p>
        <Link href="/sessions">{say.session.back}</Link>
      </div>
    );
  }
  if (state.kind === "loading" || me === "") return <p className={classes["loading"]}>{say.session.loading}</p>;
  return <Opened me={me} state={state.state} presence={presence} answering={answering} onAsked={asked} told={told} />;
}

interface OpenedProps {
  me: string;
  state: SessionState;
  presence: PresenceSignal | null;
  answering: Answers["answering"];
  onAsked: Answers["asked"];
  told: readonly Mark[];
}

function Opened({ me, state, presence, answering, onAsked, told }: OpenedProps) {
  const { say } = useWords();
  const connection = useConnection();
  const user = useHello()?.user;
  const owner = useOwner();
  const { session, tasks, handoffs } = state;
  const standing = useStanding(handoffs, me);
  const known = useKnown(session.id, state.messages);
  const outbox = useMemo(() => outboxOf(connection, owner, session.id), [connection, owner, session.id]);
  const sent = useStore(outbox.unsent);
  const lane = useChanges(session.id, standing.fencingToken);
  const typists = useTypists(session.id, me);
  const [text, setText] = useDraft(`${me}.${session.id}`);
  const [kind, setKind] = useDraft(`${me}.${session.id}.kind`);
  const [view, setView] = useState<"conversation" | "tasks">("conversation");
  const [posted, setPosted] = useState(0);
  const [dialog, setDialog] = useState<"escalate" | "close" | null>(null);

  const arrived = useMemo(() => new Set(known.messages.map((one) => one.id)), [known.messages]);
  const unsent = sent.filter((one) => !arrived.has(one.id));
  useEffect(() => outbox.resume(), [outbox]);
  useEffect(() => outbox.arrived((id) => arrived.has(id)), [outbox, arrived]);

  const [query] = useQuery();
  const named = namedIn(query.get("ref"));
  const isHere = named !== null && (named.kind === "message" ? arrived.has(named.id) : tasks.some((one) => one.id === named.id));
  const lit = useLit(named, isHere, known);
  const shownView = lit === null ? view : lit.startsWith("task:") ? "tasks" : "conversation";

  const entries = useMemo(
    () => timeline(known.messages, joined(marksOf(handoffs, say), told), !known.hasOlder),
    [known.messages, known.hasOlder, handoffs, told, say],
  );
  const isViewer = user?.role === "viewer";
  const isClosed = session.status === "closed";
  const isBarred = isViewer || isClosed || standing.lost !== null;
  const written = kind === "client" ? "client" : "note";
  const growth = [...unsent.map((one) => one.id), ...answering.map((one) => one.text.length)].join();
  const shownHandoff = standing.open;
  const done = tasks.filter((one) => one.state === "done" || one.state === "failed" || one.state === "skipped").length;

  function post({ body, kind: as, ask }: Written) {
    const at = new Date().toISOString();
    const id = mint();
    outbox.post({ id, kind: as, body, ask, fencingToken: standing.fencingToken, at, refusal: null });
    if (ask) onAsked(id);
    setText("");
    setPosted((count) => count + 1);
  }
  return (
    <div className={classes["page"]} ref={fill}>
      <SessionHead
        session={session}
        presence={presence}
        mayEscalate={!isViewer && !isClosed && standing.open === null}
        mayClose={!isViewer && !isClosed}
        onEscalate={() => setDialog("escalate")}
        onClose={() => setDialog("close")}
      />
      {shownHandoff !== null && <HandoffBanner handoff={shownHandoff} me={me} members={presence?.members ?? []} />}
      <div className={classes["views"]} role="group">
        {(["conversation", "tasks"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={shownView === one} onClick={() => setView(one)}>
            {one === "conversation" ? say.session.conversation : say.session.tasksDone(done, tasks.length)}
          </button>
        ))}
      </div>
      <div className={classes["work"]} data-view={shownView}>
        <section className={classes["talk"]} aria-label={say.session.conversation}>
          <Conversation entries={entries} known={known} me={me} lit={lit} growth={growth} posted={posted}>
            {unsent.map((one) => (
              <UnsentMessage
                key={one.id}
                message={one}
                name={user?.name ?? ""}
                onAgain={() => outbox.again(one.id, standing.fencingToken)}
                onEdit={() => {
                  setText(text === "" ? one.body : `${text}\n${one.body}`);
                  outbox.discard(one.id);
                }}
                onDiscard={() => outbox.discard(one.id)}
              />
            ))}
            {answering.map((one) => (
              <ComingAnswer key={one.messageId} answer={one} />
            ))}
          </Conversation>
          <Composer
            sessionId={session.id}
            text={text}
            kind={written}
            onText={setText}
            onKind={(next) => setKind(next === "note" ? "" : next)}
            onSend={post}
            barred={isBarred ? <Barred isViewer={isViewer} isClosed={isClosed} standing={standing} /> : null}
            typists={typists}
          />
        </section>
        <section className={classes["tasks"]} aria-labelledby="task-lane">
          <h2 id="task-lane">
            {say.session.tasks}{" "}
            <span>
              {done}/{tasks.length}
            </span>
          </h2>
          <TaskLane sessionId={session.id} tasks={tasks} lane={lane} me={me} isBarred={isBarred} lit={lit} />
        </section>
      </div>
      {dialog === "escalate" && <EscalateDialog state={state} me={me} onClose={() => setDialog(null)} />}
      {dialog === "close" && (
        <CloseDialog sessionId={session.id} me={me} open={standing.open} onClose={() => setDialog(null)} />
      )}
    </div>
  );
}
