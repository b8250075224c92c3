// What is said rests on a message, a task or the ask: choosing it brings that into view and lights it.
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import { go } from "../app/address";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import type { Ref } from "../realtime/wire";

interface Lighting {
  lit: string | null;
  light: (ref: Ref) => void;
  /** Gives the focus back to what was chosen. */
  back: () => void;
}

const Context = createContext<Lighting | null>(null);

/** The value of `data-ref` of the element that shows it. */
export function refKey(ref: Ref): string {
  return `${ref.kind}:${ref.id}`;
}

export function Lit({ sessionId, children }: { sessionId: string; children: ReactNode }) {
  const { say } = useWords();
  const [lit, setLit] = useState<string | null>(null);
  const chosen = useRef<Element | null>(null);
  const light = useCallback(
    (ref: Ref) => {
      const key = refKey(ref);
      const shown = document.querySelector<HTMLElement>(`[data-ref="${CSS.escape(key)}"]`);
      setLit(key);
      if (shown === null) {
        const dismiss = toast({
          text: say.handoff.older,
          action: {
            label: say.handoff.openSession,
            run: () => {
              dismiss();
              go(`/sessions/${sessionId}?ref=${key}`);
            },
          },
        });
        return;
      }
      chosen.current = document.activeElement;
      reveal(shown);
      shown.focus({ preventScroll: true });
    },
    [say, sessionId],
  );
  const back = useCallback(() => {
    setLit(null);
    if (chosen.current instanceof HTMLElement) chosen.current.focus();
  }, []);
  const value = useMemo(() => ({ lit, light, back }), [lit, light, back]);
  return <Context value={value}>{children}</Context>;
}

export function useLighting(): Lighting {
  const lighting = useContext(Context);
  if (lighting === null) throw new Error("useLighting outside of <Lit>");
  return lighting;
}

/** For the element that shows what may be lit. */
export function useLightable(ref: Ref) {
  const { lit, back } = useLighting();
  const key = refKey(ref);
  return {
    "data-ref": key,
    "data-lit": lit === key,
    tabIndex: -1,
    onKeyDown: (event: { key: string; stopPropagation: () => void }) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      back();
    },
  };
}

/** Where the sources scroll by themselves the page must stay where it is: it holds what was chosen. */
function reveal(shown: HTMLElement): void {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  const pane = shown.closest<HTMLElement>("[data-pane]");
  if (pane === null || pane.scrollHeight <= pane.clientHeight + 1) {
    shown.scrollIntoView({ behavior, block: "center" });
    return;
  }
  const offset = shown.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  const middle = pane.scrollTop + offset - (pane.clientHeight - shown.offsetHeight) / 2;
  pane.scrollTo({ top: middle, behavior });
  pane.scrollIntoView({ behavior, block: "nearest" });
}
