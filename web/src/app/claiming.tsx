// Claiming, with each of its outcomes: it is mine, somebody was faster, or it is not to be had.
import { useCallback } from "react";
import type { Refusal } from "../realtime/commands";
import type { Connection } from "../realtime/connection";
import { Store } from "../realtime/store";
import type { HandoffView, LostClaim } from "../realtime/wire";
import { go } from "./address";
import { useConnection, useStore } from "./live";
import { mint } from "./mint";
import { refusalSentence } from "./refusals";
import { toast } from "./toasts";
import { useWords } from "./words";

/** The claim of this page that is under way: one at a time, whoever asks for it. */
const underWay = new Store<string | null>(null);
/** The last claim that this page won, for as long as it may be undone. */
export const lastWon = new Store<{ handoffId: string; fencingToken: number } | null>(null);
/** The handoff whose withdrawal was asked for elsewhere: its page opens the dialog. */
export const toWithdraw = new Store<string | null>(null);

/** Who lost by more had an old queue before them: that was no race. */
const RACE_MS = 10_000;
const OFFERED_FOR = 20_000;

interface Speaker {
  connection: Connection;
  spoken: Pick<ReturnType<typeof useWords>, "say" | "locale">;
}

export function useClaim(): { claim: (handoff: HandoffView) => void; busy: string | null } {
  const connection = useConnection();
  const { say, locale } = useWords();
  const claim = useCallback(
    (handoff: HandoffView) => void claimIt({ connection, spoken: { say, locale } }, handoff),
    [connection, say, locale],
  );
  return { claim, busy: useStore(underWay) };
}

async function claimIt(by: Speaker, handoff: HandoffView): Promise<void> {
  if (underWay.get() !== null) return;
  underWay.set(handoff.id);
  const result = await by.connection.send("handoff:claim", { handoff_id: handoff.id, claim_id: mint() });
  underWay.set(null);
  if (!result.ok) {
    refused(by, handoff, result.error);
    return;
  }
  // a replayed win is a win: the answer to the first was lost on its way
  const won = result.data.handoff;
  lastWon.set({ handoffId: won.id, fencingToken: won.fencing_token });
  go(`/handoffs/${won.id}`);
}

function refused(by: Speaker, handoff: HandoffView, error: Refusal): void {
  const { say } = by.spoken;
  if (error.code === "already_claimed" && "lost_by_ms" in error.details) {
    lost(by, error.details as unknown as LostClaim);
  } else if (error.code === "self_claim") {
    const withdraw = () => {
      toWithdraw.set(handoff.id);
      go(`/handoffs/${handoff.id}`);
    };
    offer(say.handoff.selfClaim, say.handoff.withdraw, withdraw);
  } else {
    toast({ text: refusalSentence(say, error) });
  }
}

function lost(by: Speaker, { claimed_by: winner, lost_by_ms: late, next }: LostClaim): void {
  const { say, locale } = by.spoken;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const text =
    late <= RACE_MS
      ? say.handoff.lost(winner.name, (Math.max(late, 100) / 1_000).toLocaleString(locale, digits))
      : say.handoff.lostLong(winner.name, say.parts.lasting(late));
  if (next === null) {
    toast({ text });
    return;
  }
  const also = say.handoff.next(next.package.headline ?? next.ask);
  takeOnEnter(offer(`${text} ${also}`, say.handoff.takeNext, () => void claimIt(by, next)));
}

/** A toast with something to do, which goes once that is done. Answers how to do it. */
function offer(text: string, label: string, run: () => void): () => void {
  const take = () => {
    dismiss();
    stopListening();
    run();
  };
  const dismiss = toast({ text, stays: OFFERED_FOR, action: { label, run: take } });
  return take;
}

let stopListening: () => void = () => undefined;

/**
 * Takes the offer on Enter, until a later one. Enter belongs to what has the focus, so not in a field or on a button; but the row
 * of the queue that had the focus when the race was lost does not count: the offer is the answer to its key.
 */
function takeOnEnter(take: () => void): void {
  stopListening();
  const focused = document.activeElement;
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const at = document.activeElement;
    if (at instanceof HTMLElement && (at.isContentEditable || at.matches("input, textarea, select, button"))) return;
    if (at !== focused && at?.matches("a, [tabindex='0']") === true) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    take();
  };
  window.addEventListener("keydown", pressed, { capture: true });
  const timer = setTimeout(() => stopListening(), OFFERED_FOR);
  stopListening = () => {
    clearTimeout(timer);
    window.removeEventListener("keydown", pressed, { capture: true });
    stopListening = () => undefined;
  };
}
