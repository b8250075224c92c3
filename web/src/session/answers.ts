// The assistant's answers while they come: asked for, written so far, and then gone, as the message is there.
import { useCallback, useEffect, useState } from "react";
import { useConnection } from "../app/live";
import type { LogEntry } from "../realtime/wire";

/** Longer than the server gives an answer: whoever still waits then waits for nothing. */
const PATIENCE = 60_000;

export interface Answering {
  /** The message that asked. */
  messageId: string;
  answerId: string | null;
  text: string;
  /** Infinite until the question is in the conversation. */
  until: number;
}

export interface Answers {
  answering: readonly Answering[];
  /** This page asks with that message: others see the answer only once some of it is written. */
  asked: (messageId: string) => void;
  /** Takes the events of the session's room. */
  hear: (event: LogEntry) => void;
}

export function useAnswers(sessionId: string): Answers {
  const connection = useConnection();
  const [answering, setAnswering] = useState<readonly Answering[]>([]);
  useEffect(
    () =>
      connection.on("assistant:delta", (delta) => {
        if (delta.session_id !== sessionId) return;
        const now = { messageId: delta.message_id, answerId: delta.answer_id, text: delta.text, until: Date.now() + PATIENCE };
        setAnswering((known) => [...known.filter((one) => one.messageId !== delta.message_id), now]);
      }),
    [connection, sessionId],
  );
  const hear = useCallback((event: LogEntry) => {
    if (event.type !== "message:posted") return;
    const { message } = event.data;
    const until = Date.now() + PATIENCE;
    setAnswering((known) => {
      if (message.kind !== "assistant" && message.kind !== "system") {
        const isAsking = known.some((one) => one.messageId === message.id);
        return isAsking ? known.map((one) => (one.messageId === message.id ? { ...one, until } : one)) : known;
      }
      const found = known.find((one) => one.answerId === message.id) ?? known.find((one) => one.answerId === null);
      return found === undefined ? known : known.filter((one) => one !== found);
    });
  }, []);
  const asked = useCallback((messageId: string) => {
    setAnswering((known) => [...known, { messageId, answerId: null, text: "", until: Infinity }]);
  }, []);
  useEffect(() => {
    const first = Math.min(...answering.map((one) => one.until));
    if (!Number.isFinite(first)) return;
    const timer = setTimeout(
      () => setAnswering((known) => known.filter((one) => one.until > Date.now())),
      first - Date.now() + 50,
    );
    return () => clearTimeout(timer);
  }, [answering]);
  return { answering: answering.filter((one) => Number.isFinite(one.until)), asked, hear };
}
