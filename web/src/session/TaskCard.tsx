import { memo, type SubmitEvent, useId, useState } from "react";
import { useLight } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Age } from "../parts/Age";
import type { TaskView } from "../realtime/wire";
import { type Attempt, type Change, withAttempt } from "./changes";
import { useDraft } from "./drafts";
import { refKey } from "./lit";
import classes from "./TaskCard.module.css";

export const STATES = ["todo", "doing", "done", "failed", "skipped"] as const satisfies readonly TaskView["state"][];

interface Props {
  task: TaskView;
  index: number;
  me: string;
  attempt: Attempt | undefined;
  isBarred: boolean;
  isLit: boolean;
  onChange: (task: TaskView, asked: Change) => void;
  onForget: (taskId: string) => void;
}

export const TaskCard = memo(function TaskCard(props: Props) {
  const { index, me, attempt, isBarred, isLit, onChange, onForget } = props;
  const { say } = useWords();
  const isLive = useLight().kind === "live";
  const task = withAttempt(props.task, attempt);
  const [isRecording, setRecording] = useState(false);
  const isSaving = attempt?.status === "saving";
  const isFinished = task.state === "done" || task.state === "failed";

  function move(state: TaskView["state"]) {
    onChange(task, { state });
    if (state === "done" || state === "failed") setRecording(true);
  }
  return (
    <article
      id={`task-lane-card-${index}`}
      className={classes["card"]}
      data-state={task.state}
      data-lit={isLit}
      data-ref={refKey("task", task.id)}
      tabIndex={-1}
      aria-label={task.title}
    >
      <div className={classes["top"]}>
        <h3>{task.title}</h3>
        <select
          className={classes["state"]}
          aria-label={say.session.stateOf(task.title)}
          value={task.state}
          disabled={isBarred}
          onChange={(event) => {
            const state = STATES.find((one) => one === event.currentTarget.value);
            if (state !== undefined) move(state);
          }}
        >
          {STATES.map((state) => (
            <option key={state} value={state}>
              {say.session.state[state]}
            </option>
          ))}
        </select>
      </div>
      {task.detail !== null && task.detail !== "" && <p className={classes["detail"]}>{task.detail}</p>}
      {task.result !== null && task.result !== "" && !isRecording && <p className={classes["result"]}>{task.result}</p>}
      {isRecording && !isBarred && (
        <ResultForm
          task={task}
          me={me}
          onDone={() => setRecording(false)}
          onSave={(result) => onChange(task, { result })}
        />
      )}
      {attempt?.status === "overtaken" && attempt.task !== null && (
        <Overtaken task={attempt.task} asked={attempt.asked} onChange={onChange} onForget={onForget} />
      )}
      {attempt?.status === "refused" && attempt.refusal !== null && (
        <div className={classes["problem"]} role="alert">
          <span>{refusalSentence(say, attempt.refusal)}</span>
          {attempt.asked.result !== undefined && <q>{attempt.asked.result}</q>}
          <button type="button" onClick={() => onForget(task.id)}>
            {say.session.dismiss}
          </button>
        </div>
      )}
      <div className={classes["foot"]}>
        <span>
          {isSaving ? (
            isLive ? say.session.working : say.session.waiting
          ) : (
            <>
              {say.session.by(task.updated_by.name)} · <Age since={task.updated_at} />
            </>
          )}
        </span>
        {!isBarred && !isRecording && (isFinished || task.state === "doing") && (
          <button type="button" onClick={() => setRecording(true)}>
            {(task.result ?? "") === "" ? say.session.recordResult : say.session.changeResult}
          </button>
        )}
      </div>
    </article>
  );
});

interface ResultProps {
  task: TaskView;
  me: string;
  onSave: (result: string) => void;
  onDone: () => void;
}

/** What was seen. Kept as a draft of its own until it is saved. */
function ResultForm({ task, me, onSave, onDone }: ResultProps) {
  const { say } = useWords();
  const field = useId();
  const [draft, setDraft] = useDraft(`${me}.result.${task.id}`);
  const [text, setText] = useState(draft === "" ? (task.result ?? "") : draft);
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    onSave(text.trim());
    setDraft("");
    onDone();
  };
  return (
    <form className={classes["recording"]} onSubmit={save}>
      <label htmlFor={field}>{say.session.result}</label>
      <textarea
        id={field}
        rows={2}
        maxLength={4_000}
        value={text}
        placeholder={say.session.resultHint}
        autoFocus
        onChange={(event) => {
          setText(event.currentTarget.value);
          setDraft(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          if (event.key === "Escape") onDone();
        }}
      />
      <div className={classes["acts"]}>
        <button type="submit" disabled={text.trim() === ""}>
          {say.session.saveResult}
        </button>
        <button type="button" onClick={onDone}>
          {say.session.cancel}
        </button>
      </div>
    </form>
  );
}

interface OvertakenProps {
  /** As the other one left it. */
  task: TaskView;
  asked: Change;
  onChange: Props["onChange"];
  onForget: Props["onForget"];
}

/** Somebody was faster: what they made of it, and the choice to put mine over it. */
function Overtaken({ task, asked, onChange, onForget }: OvertakenProps) {
  const { say } = useWords();
  return (
    <div className={classes["problem"]} role="alert">
      <span>{say.session.changedMeanwhile(task.updated_by.name)}</span>
      <span>{say.session.theirs(say.session.state[task.state], task.result)}</span>
      {asked.result !== undefined && <q>{asked.result}</q>}
      <span className={classes["acts"]}>
        <button type="button" onClick={() => onForget(task.id)}>
          {say.session.keepTheirs}
        </button>
        <button type="button" onClick={() => onChange(task, asked)}>
          {say.session.useMine}
        </button>
      </span>
    </div>
  );
}
