import { memo } from "react";
import { Link } from "wouter";
import { useTicking } from "../app/clock";
import { useWords } from "../app/words";
import type { HandoffView } from "../realtime/wire";
import { headlineOf } from "./filters";
import classes from "./MyHandoffs.module.css";

interface Props {
  handoffs: readonly HandoffView[];
  lookers: ReadonlyMap<string, readonly string[]>;
}

/** What I handed off: whether it waits, who reads it, who has it. Each leads to its session. */
export const MyHandoffs = memo(function MyHandoffs({ handoffs, lookers }: Props) {
  const { say } = useWords();
  if (handoffs.length === 0) return null;
  return (
    <section className={classes["strip"]} aria-labelledby="my-handoffs">
      <h2 id="my-handoffs">{say.queue.mine}</h2>
      <ul aria-live="polite">
        {handoffs.map((one) => (
          <li key={one.id} data-status={one.status}>
            <Link href={`/sessions/${one.session_id}`} className={classes["link"] ?? ""} title={headlineOf(one)}>
              {headlineOf(one)}
            </Link>
            <Standing handoff={one} lookers={lookers.get(one.id) ?? []} />
          </li>
        ))}
      </ul>
    </section>
  );
});

function Standing({ handoff, lookers }: { handoff: HandoffView; lookers: readonly string[] }) {
  const { say } = useWords();
  const text = useTicking((now) => {
    const owner = handoff.claimed_by_name ?? say.queue.nobody;
    const since = Date.parse(handoff.claimed_at ?? handoff.first_queued_at);
    const age = say.parts.lasting(now - since);
    if (handoff.status === "queued") return say.queue.mineWaiting(age);
    if (handoff.status === "claimed") return say.queue.mineClaimed(owner, age);
    return say.queue.mineEnded[handoff.status](handoff.closed_by?.name ?? owner);
  });
  const names = lookers.join(", ");
  return (
    <span className={classes["standing"]}>
      <span aria-live="off">{text}</span>
      {handoff.status === "queued" && lookers.length > 0 && (
        <span className={classes["looking"]}>
          {lookers.length > 1 ? say.queue.lookingMany(names) : say.queue.looking(names)}
        </span>
      )}
    </span>
  );
}
