import { useMe, useSend } from "../app/live";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import { useDraft } from "../session/drafts";
import { ActionDialog, Note } from "./ActionDialog";
import type { OwnerDialog } from "./OwnerActions";

export function ReleaseDialog({ handoff, token, lost, onClose }: OwnerDialog) {
  const { say } = useWords();
  const { send, busy } = useSend("handoff:release");
  const [note, setNote] = useDraft(`${useMe()}.release.${handoff.id}`);

  async function release() {
    const result = await send({ handoff_id: handoff.id, fencing_token: token, note });
    if (result === null) return null;
    if (!result.ok) return result.error;
    setNote("");
    toast({ text: say.handoff.released, tone: "good" });
    onClose();
    return null;
  }

  return (
    <ActionDialog
      title={say.handoff.releaseTitle}
      text={say.handoff.releaseText}
      does={say.handoff.releaseDo}
      busy={busy}
      lost={lost}
      problem={note.trim() === "" ? say.handoff.noteMissing : null}
      onSend={release}
      onClose={onClose}
    >
      <Note label={say.handoff.releaseNote} text={note} onWrite={setNote} isReadOnly={lost !== null} />
    </ActionDialog>
  );
}
