import { lastWon } from "../app/claiming";
import { useTicking } from "../app/clock";
import { useMe, useSend, useStore } from "../app/live";
import { refusalSentence } from "../app/refusals";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import type { HandoffView, MessageView, TaskView } from "../realtime/wire";

const MAY_UNDO_MS = 15_000;

/** Puts a claim made by mistake back, for a few seconds and as long as nothing was written under it. */
export function UndoClaim({ handoff, messages, tasks }: {
  handoff: HandoffView;
  messages: readonly MessageView[];
  tasks: readonly TaskView[];
}) {
  const { say } = useWords();
  const me = useMe();
  const { send, busy } = useSend("handoff:release");
  const won = useStore(lastWon);
  const since = handoff.claimed_at ?? handoff.created_at;
  const left = useTicking((now) => {
    const ms = Date.parse(since) + MAY_UNDO_MS - now;
    return String(Math.ceil(Math.min(Math.max(ms, 0), MAY_UNDO_MS) / 1_000));
  });
  const isFresh = won?.handoffId === handoff.id && won.fencingToken === handoff.fencing_token;
  const hasWritten =
    messages.some((message) => message.author.id === me && message.at > since) ||
    tasks.some((task) => task.updated_by.id === me && task.updated_at > since);
  if (!isFresh || hasWritten || (left === "0" && !busy)) return null;

  async function undo() {
    const payload = { handoff_id: handoff.id, fencing_token: handoff.fencing_token, note: say.handoff.undoNote };
    const result = await send(payload);
    if (result === null) return;
    if (result.ok || result.error.code !== "offline") lastWon.set(null);
    toast({ text: result.ok ? say.handoff.undone : refusalSentence(say, result.error) });
  }

  return (
    <Button variant="default" loading={busy} onClick={() => void undo()}>
      {say.handoff.undo(Number(left))}
    </Button>
  );
}
