// What somebody is writing, kept in the browser until it is sent: over a reload, a lost claim, a lost connection.
import { useCallback, useState } from "react";

const KEY = "resolutionflow.draft.";

/** A field's text under a name of its own, such as the user's and the session's id. Empty text leaves nothing behind. */
export function useDraft(name: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => localStorage.getItem(KEY + name) ?? "");
  const write = useCallback(
    (next: string) => {
      setText(next);
      if (next === "") localStorage.removeItem(KEY + name);
      else localStorage.setItem(KEY + name, next);
    },
    [name],
  );
  return [text, write];
}
