import { useCallback, useMemo, useState } from "react";
import { Link } from "wouter";
import { useAnswer, useMe, useRoom } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { AnalysisView } from "../handoff/AnalysisView";
import { Ask } from "../handoff/Ask";
import { ClaimBar } from "../handoff/ClaimBar";
import { Head } from "../handoff/Head";
import { Known } from "../handoff/Known";
import { Lit } from "../handoff/lighting";
import { Changes, Items } from "../handoff/Lists";
import { OwnerActions } from "../handoff/OwnerActions";
import { Sources } from "../handoff/Sources";
import { StartWays } from "../handoff/StartWays";
import { Summary } from "../handoff/Summary";
import { Tags } from "../handoff/Tags";
import { Tried } from "../handoff/Tried";
import { Trust } from "../handoff/Trust";
import { Button } from "../parts/controls";
import { useLooking } from "../queue/looking";
import { lookersByHandoff, useQueue } from "../queue/room";
import type { Analysis, HandoffScreen, HandoffView, LogEntry, Package } from "../realtime/wire";
import classes from "./HandoffPage.module.css";

/** Everything a senior needs to take over, before the claim and after it. Reading it claims nothing. */
export function HandoffPage({ id }: { id: string }) {
  const { say } = useWords();
  const { again, ...loaded } = useAnswer("handoff:get", { handoff_id: id });
  // what was read stays while it is read again, also when that fails for want of a connection
  const [screen, setScreen] = useState<HandoffScreen | null>(null);
  if (loaded.kind === "ready" && loaded.data !== screen) setScreen(loaded.data);
  useLooking(id);
  return (
    <>
      <Link href="/" className={classes["back"] ?? ""}>
        ← {say.handoff.back}
      </Link>
      {screen !== null && <Screen screen={screen} again={again} />}
      {screen === null && loaded.kind === "loading" && <p className={classes["loading"]}>{say.handoff.loading}</p>}
      {screen === null && loaded.kind === "refused" && (
        <div className={classes["problem"]} role="alert">
          <p>{refusalSentence(say, isNoId(loaded.error) ? { code: "not_found" } : loaded.error)}</p>
          <Button variant="default" onClick={again}>
            {say.handoff.again}
          </Button>
        </div>
      )}
    </>
  );
}

function Screen({ screen, again }: { screen: HandoffScreen; again: () => void }) {
  const me = useMe();
  const { id, session_id: sessionId } = screen.handoff;
  const [showsOffered, setShowsOffered] = useState(false);
  const [analysis, setAnalysis] = useState<{ token: number; analysis: Analysis } | null>(null);
  const hear = useCallback(
    (event: LogEntry) => {
      if (event.type === "handoff:enriched" && event.data.handoff.id === id) again(); // a package may be offered now
    },
    [again, id],
  );
  const { state } = useRoom("session", sessionId, hear);
  const live = state.kind === "ready" ? state.state : null;
  const handoff = newest(screen.handoff, live?.handoffs.find((one) => one.id === id));
  const { session, messages, tasks } = live ?? screen;
  const work = useMemo(() => ({ messages, tasks }), [messages, tasks]);
  const offered = screen.offered_package;
  const shown = showsOffered && offered !== null ? offered : handoff.package;
  const isMine = handoff.status === "claimed" && handoff.claimed_by?.id === me;
  return (
    <Lit sessionId={sessionId}>
      <div className={classes["page"]}>
        <div className={classes["main"]}>
          <div className={classes["card"]}>
            <Head handoff={handoff} shown={shown} session={session}>
              <Tags handoff={handoff} />
            </Head>
            <div className={classes["act"]}>
              <ClaimBar handoff={handoff} work={work} />
              <Looking handoff={handoff} />
              {isMine && (
                <StartWays
                  handoff={handoff}
                  tasks={tasks}
                  onAnalysis={(found) => setAnalysis({ token: handoff.fencing_token, analysis: found })}
                />
              )}
              <OwnerActions handoff={handoff} />
            </div>
          </div>
          {isMine && analysis?.token === handoff.fencing_token && (
            <AnalysisView analysis={analysis.analysis} held={work} sessionId={sessionId} />
          )}
          <Ask handoff={handoff} shown={shown} session={session} />
          <Warnings shown={shown} />
          <div className={classes["card"]}>
            <Summary
              handoff={handoff}
              shown={shown}
              prose={shown === handoff.package ? handoff.summary_prose : shown.prose}
              offered={offered}
              onSwap={() => setShowsOffered(!showsOffered)}
            />
          </div>
          <div className={classes["card"]}>
            <Known known={shown === handoff.package ? handoff.what_we_know : shown.what_we_know} />
          </div>
          <div className={classes["card"]}>
            <Tried steps={shown.steps_tried} />
          </div>
          <Rest shown={shown} />
          <div className={classes["card"]}>
            <Trust confidence={shown.confidence} completeness={shown.completeness} />
          </div>
        </div>
        <Sources sessionId={sessionId} messages={messages} tasks={tasks} />
      </div>
    </Lit>
  );
}

/** What may do harm if it is not known comes before what is known. */
function Warnings({ shown }: { shown: Package }) {
  const { say } = useWords();
  if (shown.do_not.length === 0 && shown.changes_in_place.length === 0) return null;
  return (
    <div className={`${classes["card"] ?? ""} ${classes["lists"] ?? ""}`}>
      <Items title={say.handoff.doNot} items={shown.do_not} tone="warning" />
      <Changes changes={shown.changes_in_place} />
    </div>
  );
}

function Rest({ shown }: { shown: Package }) {
  const { say } = useWords();
  const lists = [
    { title: say.handoff.inFlight, items: shown.in_flight },
    { title: say.handoff.openQuestions, items: shown.open_questions },
    { title: say.handoff.ifThen, items: shown.if_then },
    { title: say.handoff.promises, items: shown.promises },
    { title: say.handoff.recentChanges, items: shown.background.recent_changes },
  ];
  if (lists.every(({ items }) => items.length === 0)) return null;
  return (
    <div className={`${classes["card"] ?? ""} ${classes["lists"] ?? ""}`}>
      {lists.map(({ title, items }) => (
        <Items key={title} title={title} items={items} />
      ))}
    </div>
  );
}

function Looking({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  const me = useMe();
  const { presence } = useQueue();
  const names = lookersByHandoff(presence, me).get(handoff.id) ?? [];
  if (names.length === 0) return null;
  return <p className={classes["looking"]}>{say.handoff.looking(names.join(", "), names.length)}</p>;
}

/** An address that was cut or mistyped. */
function isNoId(error: { code: string }): boolean {
  return error.code === "invalid_payload";
}

function newest(read: HandoffView, heard: HandoffView | undefined): HandoffView {
  return heard !== undefined && heard.version >= read.version ? heard : read;
}
