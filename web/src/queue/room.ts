import { useRoom } from "../app/live";
import type { LogEntry, PresenceSignal } from "../realtime/wire";

/** The queue's room. Everybody on this page joins it under the same name, or one who leaves would leave for all. */
export function useQueue(onEvent?: (event: LogEntry) => void) {
  return useRoom("queue", "", onEvent);
}

/** Who looks at which handoff, myself left out: names by the handoff's id. */
export function lookersByHandoff(presence: PresenceSignal | null, me: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const member of presence?.members ?? []) {
    if (member.handoff_id === null || member.id === me) continue;
    const names = found.get(member.handoff_id);
    if (names === undefined) found.set(member.handoff_id, [member.name]);
    else names.push(member.name);
  }
  return found;
}
