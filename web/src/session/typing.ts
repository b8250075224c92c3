// Who is writing, and telling the others that I am: an ephemeral word, often enough and not more.
import { useCallback, useEffect, useRef, useState } from "react";
import { useConnection } from "../app/live";


const AGAIN = 3_000;
const FORGOTTEN = 6_000;

/** The names of the others who write in this session. */
export function useTypists(sessionId: string, me: string): readonly string[] {
  const connection = useConnection();
  const [typists, setTypists] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const gone = (id: string) => {
      clearTimeout(timers.get(id));
      timers.delete(id);
      setTypists((known) => (known.has(id) ? new Map([...known].filter(([other]) => other !== id)) : known));
    };
    const stop = connection.on("typing", (signal) => {
      const { id, name } = signal.user;
      if (signal.session_id !== sessionId || id === me) return;
      gone(id);
      if (!signal.typing) return;
      timers.set(id, setTimeout(() => gone(id), FORGOTTEN));
      setTypists((known) => new Map(known).set(id, name));
    });
    return () => {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, [connection, sessionId, me]);
  return [...typists.values()];
}

/** To be called at each key; with false once it is sent or left. */
export function useTypingTold(sessionId: string): (typing: boolean) => void {
  const connection = useConnection();
  const toldAt = useRef(0);
  const tell = useCallback(
    (typing: boolean) => {
      const now = Date.now();
      if (typing ? now - toldAt.current < AGAIN : toldAt.current === 0) return;
      toldAt.current = typing ? now : 0;
      void connection.send("typing", { session_id: sessionId, typing });
    },
    [connection, sessionId],
  );
  useEffect(() => () => tell(false), [tell]);
  return tell;
}
