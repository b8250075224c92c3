import { useTicking } from "../app/clock";
import { useWords } from "../app/words";
import type { HandoffView } from "../realtime/wire";
import classes from "./Wait.module.css";

/** Little enough of the target's time left that it should be seen. */
const SOON = 0.25;

/** How long a handoff waits, against its target; of one in work, how long somebody has had it. */
export function Wait({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  const from = Date.parse(handoff.first_queued_at);
  const target = Date.parse(handoff.claim_by);
  const taken = handoff.claimed_at === null ? null : Date.parse(handoff.claimed_at);
  const age = useTicking((now) =>
    taken === null ? say.queue.waits(say.parts.lasting(now - from)) : say.queue.since(say.parts.lasting(now - taken)),
  );
  const urgency = useTicking((now) => {
    if (taken !== null) return "none";
    return now > target ? "over" : target - now < (target - from) * SOON ? "soon" : "calm";
  });
  const goal = useTicking((now) => {
    if (taken !== null) return "";
    const left = say.parts.lasting(Math.abs(target - now));
    return now > target ? say.queue.over(left) : say.queue.left(left);
  });
  return (
    <span className={classes["wait"]} data-urgency={urgency}>
      <span className={classes["age"]}>{age}</span>
      {goal !== "" && <span className={classes["goal"]}>{goal}</span>}
    </span>
  );
}
