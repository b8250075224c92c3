import type { ReactNode } from "react";
import { useWords } from "../app/words";
import type { Ref } from "../realtime/wire";
import { refKey, useLighting } from "./lighting";

/** A text as a button that lights what it rests on; pressed again, the next where there are several. */
export function Cited({ refs, className, title, children }: {
  refs: readonly Ref[];
  className?: string | undefined;
  title?: string | undefined;
  children: ReactNode;
}) {
  const { say } = useWords();
  const { lit, light } = useLighting();
  const at = refs.findIndex((ref) => refKey(ref) === lit);
  const next = refs[(at + 1) % Math.max(refs.length, 1)];
  if (next === undefined) return <span className={className}>{children}</span>;
  return (
    <button type="button" className={className} title={title} data-lit={at >= 0} onClick={() => light(next)}>
      {children}
      {refs.length > 1 && <small>{say.handoff.sourceOf(Math.max(at, 0) + 1, refs.length)}</small>}
    </button>
  );
}
