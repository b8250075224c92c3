import { useWords } from "../app/words";
import type { Member } from "../realtime/wire";
import { Avatar } from "./Avatar";
import classes from "./Presence.module.css";

const SHOWN = 5;

/** Who is in the room. `count` is how many there are where not all are named. */
export function Presence({ members, count = members.length, isStale = false }: {
  members: readonly Member[];
  count?: number;
  isStale?: boolean;
}) {
  const { say } = useWords();
  if (members.length === 0) return null;
  const shown = members.slice(0, SHOWN);
  const more = count - shown.length;
  const names = members.map((one) => (one.state === "away" ? say.parts.away(one.name) : one.name)).join(", ");
  return (
    <span className={classes["presence"]} title={isStale ? `${names} (${say.parts.presenceStale})` : names}>
      <span className={classes["heads"]}>
        {shown.map((one) => (
          <Avatar key={one.id} name={one.name} isAway={one.state === "away"} />
        ))}
        {more > 0 && <span className={classes["more"]}>+{more}</span>}
      </span>
      <span className={classes["names"]}>{say.parts.here(names)}</span>
      {isStale && <span className={classes["stale"]}>{say.parts.presenceStale}</span>}
    </span>
  );
}
