import { memo } from "react";
import { Link } from "wouter";
import { useWords } from "../app/words";
import { Avatar } from "../parts/Avatar";
import { Moment } from "../parts/Age";
import type { MessageView, TaskView } from "../realtime/wire";
import { KEPT_MESSAGES } from "../realtime/apply";
import { useLightable } from "./lighting";
import classes from "./Sources.module.css";

/** The session itself, to read beside what was made of it. */
export function Sources({ sessionId, messages, tasks }: {
  sessionId: string;
  messages: readonly MessageView[];
  tasks: readonly TaskView[];
}) {
  const { say } = useWords();
  return (
    <aside className={classes["pane"]} data-pane="true" aria-label={say.handoff.sources} tabIndex={0}>
      <Link href={`/sessions/${sessionId}`} className={classes["open"] ?? ""}>
        {say.handoff.openSession}
      </Link>
      <h2>
        {say.handoff.taskLane} <span>{tasks.length}</span>
      </h2>
      {tasks.length === 0 && <p className={classes["none"]}>{say.handoff.noTasks}</p>}
      <ol className={classes["tasks"]}>
        {tasks.map((task, index) => (
          <Task key={task.id} task={task} index={index} />
        ))}
      </ol>
      <h2>
        {say.handoff.conversation} <span>{messages.length}</span>
      </h2>
      {messages.length === 0 && <p className={classes["none"]}>{say.handoff.noMessages}</p>}
      {messages.length >= KEPT_MESSAGES && <p className={classes["none"]}>{say.handoff.olderInSession}</p>}
      <ol className={classes["messages"]}>
        {messages.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </ol>
    </aside>
  );
}

const Task = memo(function Task({ task, index }: { task: TaskView; index: number }) {
  const { say } = useWords();
  const lightable = useLightable({ kind: "task", id: task.id });
  return (
    <li id={`task-lane-card-${index}`} className={classes["task"]} data-state={task.state} {...lightable}>
      <div className={classes["line"]}>
        <span className={classes["title"]}>{task.title}</span>
        <span className={classes["state"]}>{say.session.state[task.state]}</span>
      </div>
      {task.detail !== null && task.detail !== "" && <p className={classes["detail"]}>{task.detail}</p>}
      {task.result !== null && task.result !== "" && <p>{task.result}</p>}
      <div className={classes["by"]}>
        {task.updated_by.name}, <Moment at={task.updated_at} />
      </div>
    </li>
  );
});

const Message = memo(function Message({ message }: { message: MessageView }) {
  const { say } = useWords();
  const lightable = useLightable({ kind: "message", id: message.id });
  return (
    <li id={`message-${message.id}`} className={classes["message"]} data-kind={message.kind} {...lightable}>
      <Avatar name={message.author.name} />
      <div>
        <div className={classes["by"]}>
          <b>{message.author.name}</b> {message.kind !== "note" && `${say.handoff.messageKinds[message.kind]} `}
          <Moment at={message.at} />
        </div>
        <p>{message.body}</p>
      </div>
    </li>
  );
});
