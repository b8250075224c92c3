import { type SubmitEvent, useId, useState } from "react";
import { useLocation } from "wouter";
import { useLight, useSend } from "../app/live";
import { mint } from "../app/mint";
import { refusalSentence } from "../app/refusals";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { useDraft } from "./drafts";
import forms from "./Form.module.css";

export function NewSessionDialog({ me, onClose }: { me: string; onClose: () => void }) {
  const { say } = useWords();
  const ids = useId();
  const [, go] = useLocation();
  const isLive = useLight().kind === "live";
  const [sessionId] = useState(mint);
  const [title, setTitle] = useDraft(`${me}.new.title`);
  const [client, setClient] = useDraft(`${me}.new.client`);
  const [problem, setProblem] = useDraft(`${me}.new.problem`);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { send, busy } = useSend("session:create");
  const isReady = [title, client, problem].every((text) => text.trim() !== "");

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!isReady) return;
    setRefusal(null);
    const said = { title: title.trim(), client_name: client.trim(), problem: problem.trim() };
    const drafts = ["title", "client", "problem"].map((part) => `${me}.new.${part}`);
    const made = await send({ session_id: sessionId, ...said }, drafts);
    if (made === null) return;
    if (!made.ok) {
      setRefusal(refusalSentence(say, made.error));
      return;
    }
    for (const write of [setTitle, setClient, setProblem]) write("");
    onClose();
    go(`/sessions/${sessionId}`);
  }

  return (
    <Dialog title={say.sessions.fresh} onClose={onClose}>
      <form className={forms["form"]} onSubmit={(event) => void submit(event)}>
        <div className={forms["field"]}>
          <label htmlFor={`${ids}.client`}>{say.sessions.client}</label>
          <input
            id={`${ids}.client`}
            required
            maxLength={200}
            autoComplete="off"
            value={client}
            onChange={(event) => setClient(event.currentTarget.value)}
          />
        </div>
        <div className={forms["field"]}>
          <label htmlFor={`${ids}.title`}>{say.sessions.name}</label>
          <input
            id={`${ids}.title`}
            required
            maxLength={200}
            autoComplete="off"
            placeholder={say.sessions.nameHint}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
        </div>
        <div className={forms["field"]}>
          <label htmlFor={`${ids}.problem`}>{say.sessions.problem}</label>
          <textarea
            id={`${ids}.problem`}
            required
            rows={4}
            maxLength={32_000}
            placeholder={say.sessions.problemHint}
            value={problem}
            onChange={(event) => setProblem(event.currentTarget.value)}
          />
        </div>
        {refusal !== null && (
          <p className={forms["problem"]} role="alert">
            {refusal}
          </p>
        )}
        {busy && !isLive && <p role="status">{say.sessions.held}</p>}
        <div className={forms["acts"]}>
          <Button type="button" variant="default" onClick={onClose}>
            {say.sessions.cancel}
          </Button>
          <Button type="submit" color="blue.9" loading={busy} disabled={!isReady}>
            {say.sessions.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
