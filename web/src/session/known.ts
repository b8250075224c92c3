// The messages this page knows: the newest, as the room has them, and the older ones that were asked for.
import { useCallback, useState } from "react";
import { useConnection } from "../app/live";
import { KEPT_MESSAGES } from "../realtime/apply";
import type { MessageView } from "../realtime/wire";

/** What was known and the room's newest, without a hole: where the two do not touch, the older ones are given up. */
export function merged(known: readonly MessageView[], newest: readonly MessageView[]): readonly MessageView[] {
  const first = newest[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined || last.seq < first.seq) return newest;
  const before = known.filter((one) => one.seq < first.seq);
  return before.length === 0 ? newest : [...before, ...newest];
}

export interface Known {
  messages: readonly MessageView[];
  hasOlder: boolean;
  isReading: boolean;
  readOlder: () => Promise<boolean>;
}

export function useKnown(sessionId: string, newest: readonly MessageView[]): Known {
  const connection = useConnection();
  const [last, setLast] = useState(newest);
  const [messages, setMessages] = useState(newest);
  const [isAtBegin, setAtBegin] = useState(false);
  const [isReading, setReading] = useState(false);
  if (last !== newest) {
    setLast(newest);
    const next = merged(messages, newest);
    if (next === newest && messages.length > newest.length) setAtBegin(false);
    setMessages(next);
  }
  const first = messages[0];
  const hasOlder = !isAtBegin && messages.length >= KEPT_MESSAGES;

  /** Answers whether there are more of them now. */
  const readOlder = useCallback(async (): Promise<boolean> => {
    if (!hasOlder || isReading || first === undefined) return false;
    setReading(true);
    const answer = await connection.send("session:history", { session_id: sessionId, before: first.seq });
    setReading(false);
    if (!answer.ok) return false;
    const older = answer.data.messages;
    if (answer.data.next === null) setAtBegin(true);
    setMessages((known) => (known[0] === first ? [...older, ...known] : known));
    return older.length > 0;
  }, [connection, sessionId, first, hasOlder, isReading]);
  return { messages, hasOlder, isReading, readOlder };
}
