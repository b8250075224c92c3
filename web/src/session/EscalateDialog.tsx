import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import { useConnection, useLight } from "../app/live";
import { mint } from "../app/mint";
import { refusalSentence } from "../app/refusals";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import { type Level, LEVELS, Severity } from "../parts/Severity";
import type { SessionState } from "../realtime/apply";
import type { HandoffView } from "../realtime/wire";
import { useDraft } from "./drafts";
import forms from "./Form.module.css";
import { gaps } from "./gaps";

const REASONS = [
  "skill",
  "no_access",
  "out_of_ideas",
  "time_box",
  "approval",
  "risk",
  "vendor",
  "client_request",
] as const satisfies readonly HandoffView["reason"][];
const TAG = /^(skill|client):\S(.{0,48}\S)?$/;

interface Props {
  state: SessionState;
  me: string;
  onClose: () => void;
}

/** Hands the session off. One question is asked of whoever does; what else is missing is said and stops nobody. */
export function EscalateDialog({ state, me, onClose }: Props) {
  const { say } = useWords();
  const ids = useId();
  const connection = useConnection();
  const isLive = useLight().kind === "live";
  const { session } = state;
  const [handoffId] = useState(mint);
  const [severity, setSeverity] = useState<Level>("normal");
  const [reason, setReason] = useState<HandoffView["reason"]>("skill");
  const [ask, setAsk] = useDraft(`${me}.ask.${session.id}`);
  const [note, setNote] = useDraft(`${me}.asknote.${session.id}`);
  const [tagged, setTagged] = useDraft(`${me}.tags.${session.id}`);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const missing = gaps(state);
  const tags = tagged.split(",").map((tag) => tag.trim()).filter(Boolean);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (isBusy) return;
    if (!tags.every((tag) => TAG.test(tag))) {
      setProblem(say.session.tagsWrong);
      return;
    }
    setProblem(null);
    setBusy(true);
    const said = { severity, reason, ask: ask.trim(), note: note.trim() === "" ? null : note.trim() };
    const payload = { handoff_id: handoffId, session_id: session.id, ...said };
    const drafts = [`${me}.ask.${session.id}`, `${me}.asknote.${session.id}`];
    const made = await connection.send("handoff:create", payload, drafts);
    setBusy(false);
    if (!made.ok) {
      const isOff = made.error.code === "active_handoff";
      setProblem(isOff ? say.session.alreadyOff : refusalSentence(say, made.error));
      return;
    }
    for (const write of [setAsk, setNote, setTagged]) write("");
    onClose();
    if (tags.length === 0) return;
    const { id, version } = made.data.handoff;
    const tagging = await connection.send("handoff:tag", { handoff_id: id, version, tags: [...new Set(tags)] });
    if (!tagging.ok) toast({ text: say.session.tagsFailed, tone: "bad" });
  }

  return (
    <Dialog title={say.session.handOff} onClose={onClose}>
      <form className={forms["form"]} onSubmit={(event) => void submit(event)}>
        <p className={forms["intro"]}>{say.session.handOffIntro}</p>
        <Field label={say.session.askLabel} id={`${ids}.ask`}>
          <textarea
            id={`${ids}.ask`}
            required
            rows={2}
            maxLength={4_000}
            placeholder={say.session.askHint}
            value={ask}
            onChange={(event) => setAsk(event.currentTarget.value)}
          />
        </Field>
        <fieldset className={forms["choices"]}>
          <legend>{say.session.severity}</legend>
          {LEVELS.map((level) => (
            <label key={level}>
              <input
                type="radio"
                name={`${ids}.severity`}
                checked={severity === level}
                onChange={() => setSeverity(level)}
              />
              <Severity level={level} />
            </label>
          ))}
        </fieldset>
        <Field label={say.session.reason} id={`${ids}.reason`}>
          <select
            id={`${ids}.reason`}
            value={reason}
            onChange={(event) => setReason(REASONS.find((one) => one === event.currentTarget.value) ?? reason)}
          >
            {REASONS.map((one) => (
              <option key={one} value={one}>
                {say.parts.reason[one]}
              </option>
            ))}
          </select>
        </Field>
        <Field label={say.session.noteLabel} id={`${ids}.note`}>
          <textarea
            id={`${ids}.note`}
            rows={2}
            maxLength={4_000}
            placeholder={say.session.noteExtraHint}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <Field label={say.session.tags} id={`${ids}.tags`}>
          <input
            id={`${ids}.tags`}
            placeholder={say.session.tagsHint}
            value={tagged}
            autoComplete="off"
            onChange={(event) => setTagged(event.currentTarget.value)}
          />
        </Field>
        <section className={forms["gaps"]} data-none={missing.length === 0} aria-live="polite">
          {missing.length === 0 ? (
            <p>{say.session.noGaps}</p>
          ) : (
            <>
              <p>{say.session.gaps}</p>
              <ul>
                {missing.map((gap) => (
                  <li key={gap}>{say.session.gap[gap]}</li>
                ))}
              </ul>
              <p>{say.session.gapsHint}</p>
            </>
          )}
        </section>
        {problem !== null && (
          <p className={forms["problem"]} role="alert">
            {problem}
          </p>
        )}
        {isBusy && !isLive && <p role="status">{say.session.held}</p>}
        <div className={forms["acts"]}>
          <Button type="button" variant="default" onClick={onClose}>
            {say.session.cancel}
          </Button>
          <Button type="submit" color="blue.9" loading={isBusy} disabled={ask.trim() === ""}>
            {say.session.submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Field({ label, id, children }: { label: string; id: string; children: ReactNode }) {
  return (
    <div className={forms["field"]}>
      <label htmlFor={id}>{label}</label>
      {children}
    </div>
  );
}
