// What somebody is writing, kept in the browser until it is sent: over a reload, a lost claim, a lost connection.
import { useCallback, useState } from "react";
import { useHello } from "../app/live";
import { readDraft, writeDraft } from "../realtime/kept";

/** A field's text under a name of its own within the account, such as the user's and the session's id. */
export function useDraft(name: string): [string, (text: string) => void] {
  const whole = `${useHello()?.account.id ?? ""}.${name}`;
  const [text, setText] = useState(() => readDraft(whole));
  const write = useCallback(
    (next: string) => {
      setText(next);
      writeDraft(whole, next);
    },
    [whole],
  );
  return [text, write];
}
