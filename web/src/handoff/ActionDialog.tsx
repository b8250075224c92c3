import { type ReactNode, type SyntheticEvent, useState } from "react";
import { useLight } from "../app/live";
import { type Refused, refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import classes from "./ActionDialog.module.css";

/** A form for one command on a handoff. `lost` says why it cannot be sent any more: then it can only be read. */
export function ActionDialog({ title, text, does, busy, lost, problem, children, onSend, onClose }: {
  title: string;
  text?: string;
  does: string;
  busy: boolean;
  lost: string | null;
  /** What is missing, once somebody has tried to send it. */
  problem: string | null;
  children: ReactNode;
  /** Answers why not: a refusal, or a sentence of its own. */
  onSend: () => Promise<Refused | string | null>;
  onClose: () => void;
}) {
  const { say } = useWords();
  const isLive = useLight().kind === "live";
  const [hasTried, setHasTried] = useState(false);
  const [refused, setRefused] = useState<Refused | string | null>(null);

  async function submit(event: SyntheticEvent) {
    event.preventDefault();
    setHasTried(true);
    setRefused(null);
    if (problem === null && lost === null && !busy) setRefused(await onSend());
  }

  const why = refused === null || typeof refused === "string" ? refused : refusalSentence(say, refused);
  const shown = (hasTried ? problem : null) ?? why;
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={classes["form"]} onSubmit={(event) => void submit(event)}>
        {text !== undefined && <p className={classes["text"]}>{text}</p>}
        <fieldset disabled={busy} className={classes["fields"]}>
          {children}
        </fieldset>
        <div role="status" className={classes["said"]}>
          {lost ?? (busy && !isLive ? say.handoff.held : null)}
        </div>
        {shown !== null && lost === null && (
          <p role="alert" className={classes["problem"]}>
            {shown}
          </p>
        )}
        <div className={classes["buttons"]}>
          <Button variant="default" onClick={onClose}>
            {lost === null ? say.handoff.cancel : say.handoff.close}
          </Button>
          {lost === null && (
            <Button type="submit" color="blue.9" loading={busy}>
              {does}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

export function Note({ label, text, onWrite, isReadOnly }: {
  label: string;
  text: string;
  onWrite: (text: string) => void;
  isReadOnly: boolean;
}) {
  return (
    <label className={classes["field"]}>
      <span>{label}</span>
      <textarea
        rows={4}
        maxLength={4_000}
        value={text}
        readOnly={isReadOnly}
        onChange={(event) => onWrite(event.currentTarget.value)}
      />
    </label>
  );
}
