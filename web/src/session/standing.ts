// What somebody is in a session: whether it is handed off, whether it is theirs, and whether it was until just now.
import { useState } from "react";
import type { HandoffView } from "../realtime/wire";

export interface Standing {
  /** The handoff that waits or is in work; at most one. */
  open: HandoffView | null;
  /** The newest one, if none is open. */
  ended: HandoffView | null;
  /** Goes with each message and task of the owner; null for everybody else. */
  fencingToken: number | null;
  /** It was mine while this page was open, and is not any more. */
  lost: HandoffView | null;
  /** Go on as a colleague, without owning it. */
  accept: () => void;
}

export function useStanding(handoffs: readonly HandoffView[], me: string): Standing {
  const [owned, setOwned] = useState<string | null>(null);
  const [hasLost, setLost] = useState(false);
  const newest = handoffs.at(-1) ?? null;
  const open = newest !== null && (newest.status === "queued" || newest.status === "claimed") ? newest : null;
  const isMine = open?.status === "claimed" && open.claimed_by?.id === me;
  if (isMine && owned !== open.id) setOwned(open.id);
  if (isMine && hasLost) setLost(false);
  if (!isMine && owned !== null) {
    setOwned(null);
    setLost(true);
  }
  return {
    open,
    ended: open === null ? newest : null,
    fencingToken: isMine ? open.fencing_token : null,
    lost: hasLost ? newest : null,
    accept: () => setLost(false),
  };
}
