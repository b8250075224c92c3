import { type KeyboardEvent, type ReactNode, type SubmitEvent, useId } from "react";
import { useLight } from "../app/live";
import { useWords } from "../app/words";
import classes from "./Composer.module.css";
import { useTypingTold } from "./typing";

export interface Written {
  body: string;
  kind: "note" | "client";
  ask: boolean;
}

interface Props {
  sessionId: string;
  text: string;
  kind: "note" | "client";
  onText: (text: string) => void;
  onKind: (kind: "note" | "client") => void;
  onSend: (written: Written) => void;
  /** Why nothing can be written now; the text stays. */
  barred: ReactNode;
  typists: readonly string[];
}

export function Composer({ sessionId, text, kind, onText, onKind, onSend, barred, typists }: Props) {
  const { say } = useWords();
  const field = useId();
  const isLive = useLight().kind === "live";
  const tell = useTypingTold(sessionId);
  const isBarred = barred !== null;
  const isEmpty = text.trim() === "";

  function send(ask: boolean) {
    if (isBarred || isEmpty) return;
    tell(false);
    onSend({ body: text, kind: ask ? "note" : kind, ask });
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    send(false);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send(false);
  };
  const names = typists.join(", ");
  if (isBarred && isEmpty) {
    return (
      <div className={classes["composer"]}>
        <div className={classes["barred"]} role="status">
          {barred}
        </div>
      </div>
    );
  }
  return (
    <form className={classes["composer"]} onSubmit={submit} data-kind={kind}>
      <div className={classes["typing"]} aria-live="polite">
        {!isLive && !isBarred ? (
          <span className={classes["offline"]}>{say.session.offline}</span>
        ) : (
          typists.length > 0 && (typists.length === 1 ? say.session.typing(names) : say.session.typingMany(names))
        )}
      </div>
      {isBarred && (
        <div className={classes["barred"]} role="status">
          {barred}
        </div>
      )}
      <label htmlFor={field} className={classes["label"]}>
        {say.session.write}
      </label>
      <textarea
        id={field}
        className={classes["field"]}
        value={text}
        readOnly={isBarred}
        rows={2}
        maxLength={32_000}
        placeholder={isBarred ? "" : kind === "client" ? say.session.clientHint : say.session.noteHint}
        onChange={(event) => {
          onText(event.currentTarget.value);
          tell(event.currentTarget.value !== "");
        }}
        onBlur={() => tell(false)}
        onKeyDown={pressed}
      />
      <div className={classes["foot"]}>
        <div className={classes["kinds"]} role="radiogroup" aria-label={say.session.kind}>
          {(["note", "client"] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name={`${field}.kind`}
                checked={kind === one}
                disabled={isBarred}
                onChange={() => onKind(one)}
              />
              <span>{one === "note" ? say.session.note : say.session.client}</span>
            </label>
          ))}
        </div>
        <div className={classes["sends"]}>
          <button
            type="button"
            className={classes["ask"]}
            disabled={isBarred || isEmpty || kind === "client"}
            aria-label={`✦ ${say.session.ask}`}
            onClick={() => send(true)}
          >
            ✦ <span className={classes["long"]}>{say.session.ask}</span>
            <span className={classes["short"]}>{say.session.askShort}</span>
          </button>
          <button type="submit" className={classes["send"]} disabled={isBarred || isEmpty} title={say.session.sendKeys}>
            {say.session.send}
          </button>
        </div>
      </div>
    </form>
  );
}
