// The conversation with what became of the session's handoffs between its messages, in the order of time.
import type { HandoffView, LogEntry, MessageView } from "../realtime/wire";
import type { Phrases } from "../app/words/en";

export interface Mark {
  id: string;
  at: string;
  text: string;
  detail: string | null;
}

export type Entry = { kind: "message"; message: MessageView } | { kind: "mark"; mark: Mark };

/** What the handoffs themselves tell: when each began, was taken and ended. */
export function marksOf(handoffs: readonly HandoffView[], say: Phrases): Mark[] {
  const { marks } = say.session;
  return handoffs.flatMap((one) => {
    const created = marks.created(one.handed_off_by_name, say.parts.severity[one.severity]);
    const found: Mark[] = [{ id: `${one.id}.created`, at: one.created_at, text: created, detail: one.ask }];
    if (one.claimed_at !== null && one.claimed_by_name !== null) {
      const at = one.claimed_at;
      found.push({ id: taken(one), at, text: marks.claimed(one.claimed_by_name), detail: null });
    }
    if (one.closed_at !== null && one.status !== "queued" && one.status !== "claimed") {
      const text = marks[one.status](one.closed_by?.name ?? one.claimed_by_name ?? "");
      const outcome = one.outcome === null ? null : say.parts.outcome[one.outcome];
      const detail = [outcome, one.outcome_note].filter((part) => part !== null).join(": ");
      found.push({ id: `${one.id}.closed`, at: one.closed_at, text, detail: detail === "" ? null : detail });
    }
    return found;
  });
}

/** Each change of owner raises the token: one mark for each, whether its event was seen or only what it led to. */
function taken(handoff: HandoffView): string {
  return `${handoff.id}.taken.${handoff.fencing_token}`;
}

/** What an event tells, and the handoff will not any more after the next one. */
export function markOf(event: LogEntry, say: Phrases): Mark | null {
  const { marks } = say.session;
  const by = event.actor?.name ?? say.queue.nobody;
  const id = `${event.seq}.${event.type}`;
  if (event.type === "handoff:released") {
    return { id, at: event.at, text: marks.released(by), detail: event.data.note };
  }
  if (event.type === "handoff:claimed") {
    return { id: taken(event.data.handoff), at: event.at, text: marks.claimed(by), detail: null };
  }
  if (event.type === "handoff:reassigned") {
    const to = event.data.handoff.claimed_by_name ?? "";
    return { id: taken(event.data.handoff), at: event.at, text: marks.reassigned(event.data.previous.name, to), detail: event.data.note };
  }
  return null;
}

/** The marks of the handoffs as they are, and those of the events that were seen, which know more. */
export function joined(standing: readonly Mark[], told: readonly Mark[]): Mark[] {
  const known = new Set(told.map((mark) => mark.id));
  return [...standing.filter((mark) => !known.has(mark.id)), ...told];
}

/** Marks older than the oldest message that is here wait until that part is read. */
export function timeline(messages: readonly MessageView[], marks: readonly Mark[], isWhole: boolean): Entry[] {
  const first = messages[0]?.at;
  const ordered = marks
    .filter((mark) => isWhole || first === undefined || mark.at >= first)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const entries: Entry[] = [];
  let next = 0;
  for (const message of messages) {
    for (let mark = ordered[next]; mark !== undefined && mark.at < message.at; mark = ordered[next]) {
      entries.push({ kind: "mark", mark });
      next += 1;
    }
    entries.push({ kind: "message", message });
  }
  for (const mark of ordered.slice(next)) entries.push({ kind: "mark", mark });
  return entries;
}
