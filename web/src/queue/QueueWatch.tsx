import { useCallback, useEffect } from "react";
import { useLocation } from "wouter";
import { useHello, useMe } from "../app/live";
import { useWords } from "../app/words";
import type { LogEntry } from "../realtime/wire";
import { alertTo, listenForGesture, muteByDefault, settle } from "./alerts";
import { headlineOf } from "./filters";
import { useQueue } from "./room";

/**
 * Watches the queue from every page: the number that waits in the title, a tone and a notification for what is urgent.
 * It also keeps the queue's room joined, so that others see which handoff its reader looks at on whatever page.
 */
export function QueueWatch() {
  const { say } = useWords();
  const me = useMe();
  const role = useHello()?.user.role;
  const [, go] = useLocation();
  const onEvent = useCallback(
    (event: LogEntry) => {
      if (!("handoff" in event.data)) return;
      const { handoff } = event.data;
      if (handoff.handed_off_by.id === me) return;
      if (handoff.status !== "queued") settle(handoff.id);
      const isNew = event.type === "handoff:created" || event.type === "handoff:released";
      const isUrgent = handoff.severity === "critical" || handoff.severity === "high";
      if (!isNew || !isUrgent || event.actor?.id === me) return;
      const client = handoff.package.background.client ?? handoff.handed_off_by_name;
      const title = `${say.parts.severity[handoff.severity]} · ${say.queue.notification(client)}`;
      alertTo(handoff, title, headlineOf(handoff), () => go(`/handoffs/${handoff.id}`));
    },
    [me, say, go],
  );
  const { state } = useQueue(onEvent);
  const handoffs = state.kind === "ready" ? state.state.handoffs : null;
  let waiting = 0;
  for (const one of handoffs ?? []) if (one.status === "queued") waiting += 1;
  useEffect(listenForGesture, []);
  useEffect(() => {
    if (role === "engineer" || role === "viewer") muteByDefault();
  }, [role]);
  useEffect(() => entitle(waiting), [waiting]);
  useEffect(() => () => entitle(0), []);
  return null;
}

const RARELY = 250;
let wanted = 0;
let isDue = false;

/** A title is drawn by the browser itself, which takes it longer than a frame: not for each event. */
function entitle(waiting: number): void {
  wanted = waiting;
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    document.title = wanted > 0 ? `(${wanted}) ResolutionFlow` : "ResolutionFlow";
  }, RARELY);
}
