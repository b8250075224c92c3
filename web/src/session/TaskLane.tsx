import { type SubmitEvent, useId } from "react";
import { useLight } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import type { TaskView } from "../realtime/wire";
import type { Adding, Lane } from "./changes";
import { useDraft } from "./drafts";
import { refKey } from "./lit";
import { TaskCard } from "./TaskCard";
import classes from "./TaskLane.module.css";

interface Props {
  sessionId: string;
  tasks: readonly TaskView[];
  lane: Lane;
  me: string;
  isBarred: boolean;
  lit: string | null;
}

/** The session's steps, in the order they were thought of. */
export function TaskLane({ sessionId, tasks, lane, me, isBarred, lit }: Props) {
  const { say } = useWords();
  const here = new Set(tasks.map((one) => one.id));
  const adding = lane.adding.filter((one) => !here.has(one.id));
  return (
    <div className={classes["lane"]}>
      {tasks.length + adding.length === 0 && <p className={classes["none"]}>{say.session.noTasks}</p>}
      {tasks.map((task, index) => (
        <TaskCard
          key={task.id}
          task={task}
          index={index}
          me={me}
          attempt={lane.attempts.get(task.id)}
          isBarred={isBarred}
          isLit={lit === refKey("task", task.id)}
          onChange={lane.change}
          onForget={lane.forget}
        />
      ))}
      {adding.map((one) => (
        <Coming key={one.id} task={one} onDiscard={() => lane.dropped(one.id)} />
      ))}
      {!isBarred && <NewTask name={`${me}.task.${sessionId}`} onAdd={lane.add} />}
    </div>
  );
}

function Coming({ task, onDiscard }: { task: Adding; onDiscard: () => void }) {
  const { say } = useWords();
  const isLive = useLight().kind === "live";
  return (
    <article className={classes["coming"]}>
      <b>{task.title}</b>
      {task.refusal === null ? (
        <span>{isLive ? say.session.working : say.session.waiting}</span>
      ) : (
        <span role="alert">
          {say.session.notSent} {refusalSentence(say, task.refusal)}{" "}
          <button type="button" onClick={onDiscard}>
            {say.session.discard}
          </button>
        </span>
      )}
    </article>
  );
}

function NewTask({ name, onAdd }: { name: string; onAdd: Lane["add"] }) {
  const { say } = useWords();
  const ids = useId();
  const [title, setTitle] = useDraft(name);
  const [detail, setDetail] = useDraft(`${name}.detail`);
  const hasTitle = title.trim() !== "";
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    if (!hasTitle) return;
    onAdd(title.trim(), detail.trim() === "" ? null : detail.trim());
    setTitle("");
    setDetail("");
  };
  return (
    <form className={classes["fresh"]} onSubmit={add}>
      <label htmlFor={`${ids}.title`}>{say.session.newTask}</label>
      <div className={classes["line"]}>
        <input
          id={`${ids}.title`}
          value={title}
          maxLength={200}
          autoComplete="off"
          placeholder={say.session.newTaskHint}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <button type="submit" disabled={!hasTitle}>
          {say.session.add}
        </button>
      </div>
      {(hasTitle || detail !== "") && (
        <textarea
          aria-label={say.session.detail}
          rows={1}
          maxLength={4_000}
          value={detail}
          placeholder={say.session.detailHint}
          onChange={(event) => setDetail(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          }}
        />
      )}
    </form>
  );
}
