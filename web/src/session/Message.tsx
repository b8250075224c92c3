import { memo } from "react";
import { useWords } from "../app/words";
import { Moment } from "../parts/Age";
import { Avatar } from "../parts/Avatar";
import type { MessageView } from "../realtime/wire";
import { refKey } from "./lit";
import classes from "./Message.module.css";

interface Props {
  message: MessageView;
  isMine: boolean;
  isLit: boolean;
}

/** What people, the client, the assistant or the server said. It is text, whatever is in it. */
export const Message = memo(function Message({ message, isMine, isLit }: Props) {
  const { say } = useWords();
  const name = isMine ? say.session.you : message.author.name;
  const by = isMine ? say.session.byYou : message.author.name;
  return (
    <article
      className={classes["message"]}
      data-kind={message.kind}
      data-mine={isMine}
      data-lit={isLit}
      data-ref={refKey("message", message.id)}
      tabIndex={-1}
    >
      {(message.kind === "note" || message.kind === "client") && <Avatar name={message.author.name} />}
      {message.kind === "assistant" && (
        <span className={classes["mark"]} aria-hidden="true">
          ✦
        </span>
      )}
      <div className={classes["said"]}>
        <header className={classes["head"]}>
          {message.kind === "assistant" && <b>{say.session.assistant}</b>}
          {message.kind === "client" && <b>{say.session.clientSaid}</b>}
          {message.kind === "system" && <b>{say.session.system}</b>}
          {message.kind === "note" && <b>{name}</b>}
          {message.kind === "assistant" && <span>{say.session.askedBy(by)}</span>}
          {message.kind === "client" && <span>{say.session.quotedBy(by)}</span>}
          <Moment at={message.at} />
        </header>
        <p className={classes["body"]}>{message.body}</p>
      </div>
    </article>
  );
});
