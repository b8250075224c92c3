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

/** The queue keeps what waits or is in work, and never what its reader handed off (Q1). */
export function applyToQueue(state: QueueState, event: LogEntry, me: string): QueueState {
  if (!("handoff" in event.data)) return state;
  const handoff = event.data.handoff;
  if (handoff.handed_off_by.id === me) return state;
  const isOpen = handoff.status === "queued" || handoff.status === "claimed";
  return {
    handoffs: isOpen
      ? placed(state.handoffs, handoff, byUrgency)
      : state.handoffs.filter((other) => other.id !== handoff.id),
  };
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

/** The list with the item in the place of the one with its id, or where the order puts it. One copy, no closure. */
function placed<T extends { id: string }>(items: readonly T[], item: T, order: (a: T, b: T) => number): T[] {
  const next = items.slice();
  let at = 0;
  while (at < next.length && next[at]?.id !== item.id) at += 1;
  if (at < next.length) {
    const before = next[at - 1];
    const after = next[at + 1];
    if ((before === undefined || order(before, item) < 0) && (after === undefined || order(item, after) < 0)) {
      next[at] = item;
      return next;
    }
    next.splice(at, 1);
  }
  let low = 0;
  let high = next.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = next[middle];
    if (other !== undefined && order(other, item) < 0) low = middle + 1;
    else high = middle;
  }
  next.splice(low, 0, item);
  return next;
}
