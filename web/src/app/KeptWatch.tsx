import { useEffect } from "react";
import { ownerOf } from "../realtime/kept";
import { resumeOutboxes } from "../session/outbox";
import { useAskBeforeLeaving } from "./leaving";
import { useConnection, useHello, useStore } from "./live";
import { refusalSentence } from "./refusals";
import { toast } from "./toasts";
import { useWords } from "./words";

const STAYS = 30_000;

/** On every page: what a former page had not brought to its end goes on, and what came of it is told. */
export function KeptWatch() {
  const { say } = useWords();
  const connection = useConnection();
  const hello = useHello();
  const refused = useStore(connection.refusedLater);
  useAskBeforeLeaving(useStore(connection.wouldLose));
  useEffect(() => {
    if (hello !== null) resumeOutboxes(connection, ownerOf(hello)); // at each: another page may have ended meanwhile
  }, [connection, hello]);
  useEffect(() => {
    if (refused.length === 0) return;
    connection.refusedLater.set([]);
    for (const { text, refusal } of refused) {
      toast({ text: `${say.shell.refusedLater(text)} ${refusalSentence(say, refusal)}`, tone: "bad", stays: STAYS });
    }
  }, [connection, refused, say]);
  return null;
}
