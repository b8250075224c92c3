import { useWords } from "../app/words";
import type { HandoffView, Package } from "../realtime/wire";
import classes from "./Summary.module.css";

/** The four sentences, each on a line of its own. */
export function Summary({ handoff, shown, prose, offered, onSwap }: {
  handoff: HandoffView;
  shown: Package;
  prose: string;
  offered: Package | null;
  onSwap: () => void;
}) {
  const { say } = useWords();
  const isOffered = shown === offered;
  const producer = shown.meta.producer === "ai" ? "ai" : handoff.package_state === "failed" ? "failed" : "builtin";
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">{say.handoff.summary}</h2>
      <div className={classes["prose"]}>
        {sentences(prose).map(({ subject, text }, index) => (
          <p key={index}>
            {subject !== null && <strong>{subject} </strong>}
            {text}
          </p>
        ))}
      </div>
      <p className={classes["producer"]}>{say.handoff.producer[producer]}</p>
      {offered !== null && (
        <p className={classes["offered"]} role="status">
          {!isOffered && say.handoff.offered}{" "}
          <button type="button" onClick={onSwap}>
            {isOffered ? say.handoff.showClaimed : say.handoff.showOffered}
          </button>
        </p>
      )}
    </section>
  );
}

/** A sentence ends in a full stop before white space; the built-in ones begin with their subject and a dash. */
function sentences(prose: string): { subject: string | null; text: string }[] {
  return prose.split(/(?<=\.)\s+/).map((sentence) => {
    const found = /^(\p{Lu}\p{L}+) - (.*)$/su.exec(sentence);
    return { subject: found?.[1] ?? null, text: found?.[2] ?? sentence };
  });
}
