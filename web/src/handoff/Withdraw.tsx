import { useEffect, useState } from "react";
import { toWithdraw } from "../app/claiming";
import { useSend, useStore } from "../app/live";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import { Button } from "../parts/controls";
import type { HandoffView } from "../realtime/wire";
import type { Payload } from "../realtime/commands";
import { ActionDialog } from "./ActionDialog";
import forms from "./ActionDialog.module.css";

type Reason = Payload<"handoff:withdraw">["reason"];

const REASONS: readonly Reason[] = ["solved_self", "mistake", "other"];

/** For who handed it off, while it waits. */
export function Withdraw({ handoff }: { handoff: HandoffView }) {
  const { say } = useWords();
  const isAsked = useStore(toWithdraw) === handoff.id;
  const { send, busy } = useSend("handoff:withdraw");
  const [reason, setReason] = useState<Reason>("solved_self");
  const close = () => toWithdraw.set(null);
  useEffect(
    () => () => {
      if (toWithdraw.get() === handoff.id) toWithdraw.set(null);
    },
    [handoff.id],
  );

  async function withdraw() {
    const result = await send({ handoff_id: handoff.id, reason });
    if (result === null) return null;
    if (!result.ok) return result.error;
    toast({ text: say.handoff.withdrawn, tone: "good" });
    close();
    return null;
  }

  return (
    <>
      <Button variant="default" onClick={() => toWithdraw.set(handoff.id)}>
        {say.handoff.withdraw}
      </Button>
      {isAsked && (
        <ActionDialog
          title={say.handoff.withdrawTitle}
          does={say.handoff.withdrawDo}
          busy={busy}
          lost={null}
          problem={null}
          onSend={withdraw}
          onClose={close}
        >
          <fieldset className={forms["people"]}>
            <legend>{say.handoff.withdrawWhy}</legend>
            {REASONS.map((one) => (
              <label key={one} className={forms["person"]}>
                <input type="radio" name="why" checked={reason === one} onChange={() => setReason(one)} />
                {say.handoff.withdrawReasons[one]}
              </label>
            ))}
          </fieldset>
        </ActionDialog>
      )}
    </>
  );
}
