import { useState } from "react";
import { useMe, useSend } from "../app/live";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import type { HandoffView } from "../realtime/wire";
import { useDraft } from "../session/drafts";
import { ActionDialog, Note } from "./ActionDialog";
import forms from "./ActionDialog.module.css";
import type { OwnerDialog } from "./OwnerActions";

type Outcome = NonNullable<HandoffView["outcome"]>;

const OUTCOMES: readonly Outcome[] = [
  "fixed_by_senior",
  "guided_engineer",
  "workaround",
  "returned_needs_info",
  "escalated_further",
  "vendor",
  "client_action",
  "no_fault_found",
  "duplicate",
];

export function ResolveDialog({ handoff, token, lost, onClose }: OwnerDialog) {
  const { say } = useWords();
  const { send, busy } = useSend("handoff:resolve");
  const [note, setNote] = useDraft(`${useMe()}.resolve.${handoff.id}`);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  async function resolve() {
    if (outcome === null) return null;
    const result = await send({ handoff_id: handoff.id, fencing_token: token, outcome, note });
    if (result === null) return null;
    if (!result.ok) return result.error;
    setNote("");
    toast({ text: say.handoff.resolved, tone: "good" });
    onClose();
    return null;
  }

  const missing = outcome === null ? say.handoff.outcomeMissing : say.handoff.noteMissing;
  return (
    <ActionDialog
      title={say.handoff.resolveTitle}
      does={say.handoff.resolveDo}
      busy={busy}
      lost={lost}
      problem={outcome === null || note.trim() === "" ? missing : null}
      onSend={resolve}
      onClose={onClose}
    >
      <label className={forms["field"]}>
        <span>{say.handoff.outcome}</span>
        <select
          value={outcome ?? ""}
          disabled={lost !== null}
          onChange={(event) => setOutcome(OUTCOMES.find((one) => one === event.currentTarget.value) ?? null)}
        >
          <option value="">{say.handoff.chooseOutcome}</option>
          {OUTCOMES.map((one) => (
            <option key={one} value={one}>
              {say.handoff.outcomes[one]}
            </option>
          ))}
        </select>
      </label>
      <Note label={say.handoff.resolveNote} text={note} onWrite={setNote} isReadOnly={lost !== null} />
    </ActionDialog>
  );
}
