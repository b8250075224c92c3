import { go } from "../app/address";
import { lastWon } from "../app/claiming";
import { useConnection, useLight, useStore } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import { Loader } from "../parts/controls";
import type { Analysis, HandoffView, TaskView } from "../realtime/wire";
import { hasTaskLane, type Mode, startOnce, startUnderWay } from "./starting";
import classes from "./StartWays.module.css";

/** The ways to start: three, or two where there is no task lane. The chosen one shows that it works until the server has answered, and leads on. */
export function StartWays({ handoff, tasks, onAnalysis }: {
  handoff: HandoffView;
  tasks: readonly TaskView[];
  onAnalysis: (analysis: Analysis) => void;
}) {
  const { say } = useWords();
  const connection = useConnection();
  const underWay = useStore(startUnderWay);
  const isLive = useLight().kind === "live";
  const working = underWay?.handoffId === handoff.id ? underWay.mode : null;

  async function start(mode: Mode) {
    if (working !== null) return;
    lastWon.set(null); // it is a write: the claim cannot be undone any more
    const here = location.hash;
    const result = await startOnce(connection, handoff, mode);
    if (!result.ok) {
      toast({ text: refusalSentence(say, result.error) });
      return;
    }
    if (location.hash !== here) return;
    const { analysis } = result.data;
    if (mode === "ai_analysis" && analysis !== null) onAnalysis(analysis);
    else go(mode === "continue" ? laneOf(handoff, tasks) : `/sessions/${handoff.session_id}`);
  }

  const ways: { mode: Mode; name: string; hint: string }[] = [
    { mode: "ai_analysis", name: say.handoff.aiAnalysis, hint: say.handoff.aiAnalysisHint },
    { mode: "own_thing", name: say.handoff.ownThing, hint: say.handoff.ownThingHint },
  ];
  if (hasTaskLane(handoff, tasks)) {
    const name = say.handoff.continue(handoff.handed_off_by_name);
    const hint = openTask(tasks) === undefined ? say.handoff.continueNoneOpen : say.handoff.continueHint;
    ways.unshift({ mode: "continue", name, hint });
  }
  return (
    <div className={classes["start"]}>
      <h2 id="start">{say.handoff.start}</h2>
      <div className={classes["ways"]} role="group" aria-labelledby="start">
        {ways.map(({ mode, name, hint }) => (
          <button
            key={mode}
            type="button"
            className={classes["way"]}
            aria-disabled={working !== null}
            aria-busy={working === mode}
            onClick={() => void start(mode)}
          >
            <span className={classes["name"]}>
              {name}
              {working === mode && <Loader size={14} />}
            </span>
            <span className={classes["hint"]}>{working === mode ? say.handoff.starting : hint}</span>
          </button>
        ))}
      </div>
      {working !== null && !isLive && <p className={classes["held"]}>{say.handoff.held}</p>}
    </div>
  );
}

/** Where it was left off: the task in work, or the first that is to be done. */
function openTask(tasks: readonly TaskView[]): TaskView | undefined {
  return tasks.find((task) => task.state === "doing") ?? tasks.find((task) => task.state === "todo");
}

function laneOf(handoff: HandoffView, tasks: readonly TaskView[]): string {
  const left = openTask(tasks);
  const session = `/sessions/${handoff.session_id}`;
  return left === undefined ? session : `${session}?ref=task:${left.id}`;
}
