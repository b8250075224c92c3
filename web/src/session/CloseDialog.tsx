import { type SubmitEvent, useId, useState } from "react";
import { useHello, useSend } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import type { HandoffView } from "../realtime/wire";
import { useDraft } from "./drafts";
import forms from "./Form.module.css";

interface Props {
  sessionId: string;
  me: string;
  open: HandoffView | null;
  onClose: () => void;
}

export function CloseDialog({ sessionId, me, open, onClose }: Props) {
  const { say } = useWords();
  const field = useId();
  const isAdmin = useHello()?.user.role === "admin";
  const [resolution, setResolution] = useDraft(`${me}.resolution.${sessionId}`);
  const [isForced, setForced] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { send, busy } = useSend("session:close");
  const isHeld = open?.status === "claimed";
  const mayClose = resolution.trim() !== "" && (!isHeld || (isAdmin && isForced));

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    setProblem(null);
    const result = await send({ session_id: sessionId, resolution: resolution.trim(), force: isHeld && isForced });
    if (result === null) return;
    if (!result.ok) {
      setProblem(refusalSentence(say, result.error));
      return;
    }
    setResolution("");
    onClose();
  }

  return (
    <Dialog title={say.session.closeTitle} onClose={onClose}>
      <form className={forms["form"]} onSubmit={(event) => void submit(event)}>
        <div className={forms["field"]}>
          <label htmlFor={field}>{say.session.resolutionLabel}</label>
          <textarea
            id={field}
            required
            rows={3}
            maxLength={4_000}
            placeholder={say.session.resolutionHint}
            value={resolution}
            onChange={(event) => setResolution(event.currentTarget.value)}
          />
        </div>
        {open?.status === "queued" && <p className={forms["gaps"]}>{say.session.closeQueued}</p>}
        {isHeld && <p className={forms["gaps"]}>{say.session.closeClaimed(open.claimed_by_name ?? "")}</p>}
        {isHeld && isAdmin && (
          <label className={forms["check"]}>
            <input type="checkbox" checked={isForced} onChange={(event) => setForced(event.currentTarget.checked)} />
            {say.session.closeAnyway}
          </label>
        )}
        {problem !== null && (
          <p className={forms["problem"]} role="alert">
            {problem}
          </p>
        )}
        <div className={forms["acts"]}>
          <Button type="button" variant="default" onClick={onClose}>
            {say.session.keepOpen}
          </Button>
          <Button type="submit" color="blue.9" loading={busy} disabled={!mayClose}>
            {say.session.close}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
