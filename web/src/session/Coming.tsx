// What is not in the conversation yet: messages on their way, and answers that are being written.
import { useLight } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Avatar } from "../parts/Avatar";
import type { Answering } from "./answers";
import classes from "./Message.module.css";
import type { Unsent } from "./outbox";

interface Props {
  message: Unsent;
  name: string;
  onAgain: () => void;
  onEdit: () => void;
  onDiscard: () => void;
}

export function UnsentMessage({ message, name, onAgain, onEdit, onDiscard }: Props) {
  const { say } = useWords();
  const isLive = useLight().kind === "live";
  const { refusal } = message;
  return (
    <article
      className={`${classes["message"] ?? ""} ${(refusal === null ? classes["pending"] : classes["refused"]) ?? ""}`}
      data-kind={message.kind}
      data-mine="true"
      data-unsent={message.id}
    >
      <Avatar name={name} />
      <div className={classes["said"]}>
        <header className={classes["head"]}>
          <b>{message.kind === "client" ? say.session.clientSaid : say.session.you}</b>
        </header>
        <p className={classes["body"]}>{message.body}</p>
        {refusal === null ? (
          <div className={classes["foot"]}>{isLive ? say.session.sending : say.session.waiting}</div>
        ) : (
          <div className={classes["foot"]} role="alert">
            <span className={classes["problem"]}>
              {say.session.notSent} {refusalSentence(say, refusal)}
            </span>
            <button type="button" onClick={onAgain}>
              {say.session.again}
            </button>
            <button type="button" onClick={onEdit}>
              {say.session.toDraft}
            </button>
            <button type="button" onClick={onDiscard}>
              {say.session.discard}
            </button>
          </div>
        )}
      </div>
    </article>
  );
}

/** Read aloud when it is whole and in the conversation, not with every word. */
export function ComingAnswer({ answer }: { answer: Answering }) {
  const { say } = useWords();
  return (
    <article className={classes["message"]} data-kind="assistant" aria-busy="true">
      <span className={classes["mark"]} aria-hidden="true">
        ✦
      </span>
      <div className={classes["said"]}>
        <header className={classes["head"]}>
          <b>{say.session.assistant}</b>
          <span>{answer.text === "" ? say.session.answering : say.session.answeringNow}</span>
        </header>
        <p className={`${classes["body"] ?? ""} ${classes["coming"] ?? ""}`} aria-hidden="true">
          {answer.text}
        </p>
      </div>
    </article>
  );
}
