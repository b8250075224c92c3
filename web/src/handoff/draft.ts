// What somebody has begun to write about a handoff: it outlives the dialog, a lost claim and a reload of the page.
import { useCallback, useState } from "react";

export function useDraft(name: string): [text: string, write: (text: string) => void] {
  const key = `resolutionflow.draft.${name}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const write = useCallback(
    (next: string) => {
      setText(next);
      if (next === "") sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
    },
    [key],
  );
  return [text, write];
}
