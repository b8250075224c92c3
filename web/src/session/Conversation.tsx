import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useWords } from "../app/words";
import { Moment } from "../parts/Age";
import type { Known } from "./known";
import { refKey } from "./lit";
import { Message } from "./Message";
import classes from "./Conversation.module.css";
import type { Entry } from "./timeline";

const NEAR = 60;

interface Props {
  entries: readonly Entry[];
  known: Known;
  me: string;
  lit: string | null;
  /** Whatever is not in the conversation yet. */
  children: ReactNode;
  /** Changes with what stands in `children`: its end is kept in sight too. */
  growth: string;
  /** How often its reader has sent something: then its end is what they want to see. */
  posted: number;
}

/** Stays at its end while its reader is there, and where its reader is otherwise. */
export function Conversation({ entries, known, me, lit, children, growth, posted }: Props) {
  const { say, locale } = useWords();
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [readTo, setReadTo] = useState(0);
  const [isAway, setAway] = useState(false);
  const kept = useRef<{ first: string | undefined; height: number }>({ first: undefined, height: 0 });
  const newest = known.messages.at(-1)?.seq ?? 0;
  const first = known.messages[0]?.id;

  const toEnd = useCallback(() => {
    const at = log.current;
    if (at !== null) at.scrollTop = at.scrollHeight;
  }, []);
  const looked = () => {
    const at = log.current;
    if (at === null) return;
    isAtEnd.current = isNearEnd(at);
    setAway(!isAtEnd.current);
    if (isAtEnd.current) setReadTo(newest);
    if (at.scrollTop < NEAR && known.hasOlder && !known.isReading && !isAtEnd.current) void known.readOlder();
  };
  useLayoutEffect(() => {
    if (posted > 0) toEnd();
  }, [posted, toEnd]);
  useEffect(() => {
    const at = log.current;
    if (at === null) return;
    const sizes = new ResizeObserver(() => {
      if (isAtEnd.current) at.scrollTop = at.scrollHeight;
    });
    sizes.observe(at);
    return () => sizes.disconnect();
  }, []);
  useLayoutEffect(() => {
    const at = log.current;
    if (at === null) return;
    // what is lit is brought into view, and what is drawn later must not take its reader to the end
    isAtEnd.current = lit === null && (isAtEnd.current || isNearEnd(at));
    if (isAtEnd.current) at.scrollTop = at.scrollHeight;
    else if (kept.current.first !== first) at.scrollTop += at.scrollHeight - kept.current.height; // older ones came above
    kept.current = { first, height: at.scrollHeight };
  }, [entries, first, growth, lit]);

  const unread = isAway ? known.messages.filter((one) => one.seq > Math.max(readTo, 1) && one.author.id !== me).length : 0;
  const days = daysOf(entries, locale);
  return (
    <div className={classes["frame"]}>
      {/* focusable, so that it can be scrolled by keys */}
      <div ref={log} className={classes["log"]} role="log" aria-label={say.session.conversation} tabIndex={0} onScroll={looked}>
        <div className={classes["begin"]}>
          {known.hasOlder ? (
            <button type="button" disabled={known.isReading} onClick={() => void known.readOlder()}>
              {known.isReading ? say.session.olderBusy : say.session.older}
            </button>
          ) : (
            say.session.begin
          )}
        </div>
        {entries.map((entry, i) => (
          <div key={entry.kind === "message" ? entry.message.id : entry.mark.id}>
            {days[i] !== null && <div className={classes["day"]}>{days[i]}</div>}
            {entry.kind === "message" ? (
              <Message
                message={entry.message}
                isMine={entry.message.author.id === me}
                isLit={lit === refKey("message", entry.message.id)}
              />
            ) : (
              <div className={classes["mark"]}>
                <b>{entry.mark.text}</b> <Moment at={entry.mark.at} />
                {entry.mark.detail !== null && <p>{entry.mark.detail}</p>}
              </div>
            )}
          </div>
        ))}
        {children}
      </div>
      {isAway && (
        <button type="button" className={classes["end"]} onClick={toEnd}>
          ↓ {unread > 0 ? say.session.unread(unread) : say.session.toEnd}
        </button>
      )}
    </div>
  );
}

function isNearEnd(at: HTMLElement): boolean {
  return at.scrollHeight - at.scrollTop - at.clientHeight < NEAR;
}

/** The day above each entry that begins one. */
function daysOf(entries: readonly Entry[], locale: string): (string | null)[] {
  let last = "";
  return entries.map((entry) => {
    const at = new Date(entry.kind === "message" ? entry.message.at : entry.mark.at);
    const day = at.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" });
    if (day === last) return null;
    last = day;
    return day;
  });
}
