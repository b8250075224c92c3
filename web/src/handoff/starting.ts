// How the owner goes on with a handoff. Each way is asked for once, however often its button is pressed.
import type { Connection } from "../realtime/connection";
import type { Answer, Payload, Result } from "../realtime/commands";
import { Store } from "../realtime/store";
import type { HandoffView, TaskView } from "../realtime/wire";

export type Mode = Payload<"handoff:start">["mode"];
export type Started = Result<Answer<"handoff:start">>;

/** Who handed it off left tasks to continue with. Without any there are two ways to start, not three. */
export function hasTaskLane(handoff: HandoffView, tasks: readonly TaskView[]): boolean {
  return handoff.has_task_lane || tasks.length > 0;
}

/** What is being started now, over all the buttons of this page. */
export const startUnderWay = new Store<{ handoffId: string; mode: Mode } | null>(null);

const asked = new Map<string, Promise<Started>>();

/** The server remembers what was started under a claim: asked again, after a reload say, it answers as the first time. */
export function startOnce(connection: Connection, handoff: HandoffView, mode: Mode): Promise<Started> {
  const key = `${handoff.id} ${handoff.fencing_token} ${mode}`;
  const known = asked.get(key);
  if (known !== undefined) return known;
  startUnderWay.set({ handoffId: handoff.id, mode });
  const payload = { handoff_id: handoff.id, fencing_token: handoff.fencing_token, mode };
  const answer = connection.send("handoff:start", payload).finally(() => {
    asked.delete(key);
    startUnderWay.set(null);
  });
  asked.set(key, answer);
  return answer;
}
