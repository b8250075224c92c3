import { useState } from "react";
import { Moment } from "../parts/Age";
import { useWords } from "../app/words";
import type { Known as KnownItem } from "../realtime/wire";
import { Cited } from "./Cited";
import classes from "./Known.module.css";

const KINDS = ["fact", "observation", "ruled_out", "hypothesis", "client_said"] as const;
const AT_FIRST = 6;

/** What is known, as chips by kind: each shows where it was said. */
export function Known({ known }: { known: readonly KnownItem[] }) {
  const { say } = useWords();
  const kinds = KINDS.map((kind) => ({ kind, items: known.filter((item) => item.kind === kind) }));
  return (
    <section className={classes["known"]} aria-labelledby="known">
      <h2 id="known">{say.handoff.known}</h2>
      <p className={classes["hint"]}>{say.handoff.knownHint}</p>
      {kinds.map(({ kind, items }) => items.length > 0 && <Kind key={kind} kind={kind} items={items} />)}
    </section>
  );
}

function Kind({ kind, items }: { kind: (typeof KINDS)[number]; items: readonly KnownItem[] }) {
  const { say, locale } = useWords();
  const [isOpen, setIsOpen] = useState(false);
  const shown = isOpen || items.length <= AT_FIRST + 1 ? items : items.slice(0, AT_FIRST);
  const title = ({ by, at }: KnownItem) =>
    say.handoff.saidBy(by.name, at === null ? say.handoff.refAsk : new Date(at).toLocaleString(locale));
  return (
    <div className={classes["kind"]} data-kind={kind}>
      <h3>
        {say.handoff.kinds[kind]} <span>{items.length}</span>
      </h3>
      <ul>
        {shown.map((item, index) => (
          <li key={index}>
            <Cited refs={item.refs} className={classes["chip"]} title={title(item)}>
              {item.text}
            </Cited>
          </li>
        ))}
        {shown.length < items.length && (
          <li>
            <button type="button" className={classes["more"]} onClick={() => setIsOpen(true)}>
              {say.handoff.moreKnown(items.length - shown.length)}
            </button>
          </li>
        )}
        {isOpen && items.length > AT_FIRST && (
          <li>
            <button type="button" className={classes["more"]} onClick={() => setIsOpen(false)}>
              {say.handoff.fewerKnown}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

export function Said({ by, at }: Pick<KnownItem, "by" | "at">) {
  return (
    <span className={classes["said"]}>
      {by.name}
      {at !== null && (
        <>
          , <Moment at={at} />
        </>
      )}
    </span>
  );
}
