import type { ReactNode } from "react";
import { useWords } from "../app/words";
import type { Change, Item } from "../realtime/wire";
import { Cited } from "./Cited";
import { Said } from "./Known";
import classes from "./Lists.module.css";

/** A list of the package, left out where nothing is in it: what is missing is told once, with how far to trust it. */
export function Items({ title, items, tone }: { title: string; items: readonly Item[]; tone?: "warning" }) {
  if (items.length === 0) return null;
  return (
    <List title={title} tone={tone}>
      {items.map((item, index) => (
        <li key={index}>
          <Cited refs={item.refs} className={classes["text"]}>
            {item.text}
          </Cited>
          <Said by={item.by} at={item.at} />
        </li>
      ))}
    </List>
  );
}

export function Changes({ changes }: { changes: readonly Change[] }) {
  const { say } = useWords();
  if (changes.length === 0) return null;
  return (
    <List title={say.handoff.changes}>
      {changes.map((change, index) => (
        <li key={index}>
          <Cited refs={change.refs} className={classes["text"]}>
            {change.what}
          </Cited>
          <span className={change.undo === null ? classes["unknown"] : classes["undo"]}>
            {change.undo === null ? say.handoff.noUndo : `${say.handoff.undoWith}: ${change.undo}`}
          </span>
          <Said by={change.by} at={change.at} />
        </li>
      ))}
    </List>
  );
}

function List({ title, tone, children }: { title: string; tone?: "warning" | undefined; children: ReactNode }) {
  return (
    <section className={classes["list"]} data-tone={tone}>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}
