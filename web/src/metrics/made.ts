// The handoffs made in a window, by the hour and the day of the week. The server counts them by neither, so they are
// read one by one, the newest first and not without end.
import { useEffect, useState } from "react";
import { useConnection, useLight } from "../app/live";
import type { Answer, Payload, Result } from "../realtime/commands";
import type { CountedHandoff } from "../realtime/wire";
import type { Asked } from "./window";

const PAGE = 200;
const MOST = 2_000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** All that were made, or the newest `MOST`. */
export interface MadeHandoffs {
  handoffs: readonly CountedHandoff[];
  isCut: boolean;
}

/** Null until they are read. */
export function useMadeHandoffs({ from, to, tz }: Asked): MadeHandoffs | null {
  const connection = useConnection();
  const isLive = useLight().kind === "live";
  const [made, setMade] = useState<(MadeHandoffs & { of: string }) | null>(null);
  const of = `${from} ${to} ${tz}`;
  const isRead = made?.of === of;
  useEffect(() => {
    if (!isLive || isRead) return;
    let isCurrent = true;
    const read = async () => {
      const handoffs: CountedHandoff[] = [];
      let before: string | null = null;
      do {
        const payload: Payload<"queue:metrics_handoffs"> = { from, to, tz, figure: "created", limit: PAGE, before };
        const page: Result<Answer<"queue:metrics_handoffs">> = await connection.send("queue:metrics_handoffs", payload);
        if (!page.ok || !isCurrent) return;
        handoffs.push(...page.data.handoffs);
        before = page.data.next;
      } while (before !== null && handoffs.length < MOST);
      setMade({ handoffs, isCut: before !== null, of });
    };
    void read();
    return () => {
      isCurrent = false;
    };
  }, [connection, isLive, isRead, from, to, tz, of]);
  return isRead ? made : null;
}

/** By day of the week, Monday first, and hour of the day, as clocks of the zone have them. */
export function byHour(handoffs: readonly CountedHandoff[], tz: string): readonly (readonly CountedHandoff[][])[] {
  const cells = WEEKDAYS.map(() => Array.from({ length: 24 }, (): CountedHandoff[] => []));
  const format = new Intl.DateTimeFormat("en-US", { timeZone: tz, weekday: "short", hour: "2-digit", hourCycle: "h23" });
  for (const handoff of handoffs) {
    const parts = format.formatToParts(new Date(handoff.created_at));
    const day = WEEKDAYS.indexOf(parts.find(({ type }) => type === "weekday")?.value ?? "");
    const hour = Number(parts.find(({ type }) => type === "hour")?.value);
    cells[day]?.[hour]?.push(handoff);
  }
  return cells;
}
