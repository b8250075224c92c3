// What I handed off and is not over: the queue shows its reader's own handoffs to nobody, so they are asked for.
import { useCallback, useEffect, useMemo, useState } from "react";
import { useAnswer, useConnection, useMe } from "../app/live";
import type { HandoffView, LogEntry } from "../realtime/wire";

/** More of them than somebody keeps an eye on; each is asked for by itself. */
const MOST = 6;

/** My handoffs that are open, and those that ended while I watched; `hear` takes the queue's events. */
export function useMyHandoffs(): { mine: readonly HandoffView[]; hear: (event: LogEntry) => void } {
  const connection = useConnection();
  const me = useMe();
  const [byId, setById] = useState<ReadonlyMap<string, HandoffView>>(new Map());
  const sessions = useAnswer("session:list", { status: "open", mine: true });
  const put = useCallback((handoff: HandoffView) => {
    setById((known) => {
      const before = known.get(handoff.id);
      if (before !== undefined && before.version >= handoff.version) return known;
      return new Map(known).set(handoff.id, handoff);
    });
  }, []);
  const hear = useCallback(
    (event: LogEntry) => {
      if ("handoff" in event.data && event.data.handoff.handed_off_by.id === me) put(event.data.handoff);
    },
    [me, put],
  );
  const listed = sessions.kind === "ready" ? sessions.data : null;
  useEffect(() => {
    let isCurrent = true;
    const ids = listed?.sessions.flatMap((one) => one.escalation_package?.handoff_id ?? []).slice(0, MOST) ?? [];
    for (const id of ids) {
      void connection.send("handoff:get", { handoff_id: id }).then((answer) => {
        if (!isCurrent || !answer.ok) return;
        const { handoff } = answer.data;
        const isOpen = handoff.status === "queued" || handoff.status === "claimed";
        if (isOpen && handoff.handed_off_by.id === me) put(handoff);
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [connection, listed, me, put]);
  return { mine: useMemo(() => [...byId.values()], [byId]), hear };
}
