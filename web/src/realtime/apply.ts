// The state of a room, and what an event makes of it. Pure: the same as the server's own snapshots (R7).
import type { HandoffView, LogEntry, MessageView, QueueSnapshot, SessionRoom, TaskView } from "./wire";

/** The newest messages that a session's state holds, as the server's snapshots do. */
export const KEPT_MESSAGES = 200;

export type SessionState = Omit<SessionRoom, "members">;
export type QueueState = QueueSnapshot;

const SEVERITIES = ["critical", "high", "normal", "low"];

export function applyToSession(state: SessionState, event: LogEntry): SessionState {
  const data: { session?: unknown; message?: unknown; task?: unknown; handoff?: unknown } = event.data;
  let next = state;
  if (data.session !== undefined) next = { ...next, session: data.session as SessionState["session"] };
  if (data.message !== undefined) {
    next = { ...next, messages: [...next.messages, data.message as MessageView].slice(-KEPT_MESSAGES) };
  }
  if (data.task !== undefined) {
    next = { ...next, tasks: placed(next.tasks, data.task as TaskView, (a, b) => a.seq - b.seq) };
  }
  if (data.handoff !== undefined) {
    next = { ...next, handoffs: placed(next.handoffs, data.handoff as HandoffView, byCreation) };
  }
  return next;
}

/** The queue keeps what waits or is in work, and never what its reader handed off (Q1). One copy, however many events. */
export function applyToQueue(state: QueueState, events: readonly LogEntry[], me: string): QueueState {
  let next: HandoffView[] | null = null;
  for (const event of events) {
    if (!("handoff" in event.data)) continue;
    const handoff = event.data.handoff;
    if (handoff.handed_off_by.id === me) continue;
    next ??= state.handoffs.slice();
    if (handoff.status === "queued" || handoff.status === "claimed") place(next, handoff, byUrgency);
    else remove(next, handoff.id);
  }
  return next === null ? state : { handoffs: next };
}

export function byUrgency(a: HandoffView, b: HandoffView): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compared(a.first_queued_at, b.first_queued_at) ||
    compared(a.id, b.id)
  );
}

function byCreation(a: HandoffView, b: HandoffView): number {
  return compared(a.created_at, b.created_at) || compared(a.id, b.id);
}

/** Times of one server compare as text: all are UTC with six decimals. */
function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The list with the item in its place. */
function placed<T extends { id: string }>(items: readonly T[], item: T, order: (a: T, b: T) => number): T[] {
  const next = items.slice();
  place(next, item, order);
  return next;
}

/** Puts the item in the place of the one with its id, or where the order puts it. */
function place<T extends { id: string }>(items: T[], item: T, order: (a: T, b: T) => number): void {
  const at = indexOf(items, item.id);
  if (at >= 0) {
    const before = items[at - 1];
    const after = items[at + 1];
    if ((before === undefined || order(before, item) < 0) && (after === undefined || order(item, after) < 0)) {
      items[at] = item;
      return;
    }
    items.splice(at, 1);
  }
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = items[middle];
    if (other !== undefined && order(other, item) < 0) low = middle + 1;
    else high = middle;
  }
  items.splice(low, 0, item);
}

function remove(items: { id: string }[], id: string): void {
  const at = indexOf(items, id);
  if (at >= 0) items.splice(at, 1);
}

function indexOf(items: readonly { id: string }[], id: string): number {
  for (let at = 0; at < items.length; at += 1) if (items[at]?.id === id) return at;
  return -1;
}
