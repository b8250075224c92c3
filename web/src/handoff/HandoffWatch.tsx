import { useCallback } from "react";
import { go } from "../app/address";
import { useHello } from "../app/live";
import { toast } from "../app/toasts";
import { useWords } from "../app/words";
import type { Phrases } from "../app/words/en";
import { useQueue } from "../queue/room";
import type { LogEntry, User } from "../realtime/wire";

const STAYS = 15_000;

/** On every page: tells me what others did with a handoff of mine, or that one needs me. */
export function HandoffWatch() {
  const { say } = useWords();
  const user = useHello()?.user;
  const hear = useCallback(
    (event: LogEntry) => {
      if (user === undefined || event.actor?.id === user.id || !("handoff" in event.data)) return;
      const { handoff } = event.data;
      const isShown = [handoff.id, handoff.session_id].some((id) => location.hash.includes(id));
      const text = isShown ? null : news(event, user, say);
      const page = `/handoffs/${handoff.id}`;
      if (text === null) return;
      const dismiss = toast({
        text,
        stays: STAYS,
        action: {
          label: say.handoff.openIt,
          run: () => {
            dismiss();
            go(handoff.handed_off_by.id === user.id ? `/sessions/${handoff.session_id}` : page);
          },
        },
      });
    },
    [say, user],
  );
  useQueue(hear);
  return null;
}

function news(event: LogEntry, me: User, say: Phrases): string | null {
  const { news: told } = say.handoff;
  const by = event.actor?.name ?? "";
  switch (event.type) {
    case "handoff:reassigned": {
      const { handoff, previous } = event.data;
      const headline = handoff.package.headline ?? handoff.ask;
      if (handoff.claimed_by?.id === me.id) return told.givenToYou(by, headline);
      const to = handoff.claimed_by_name ?? "";
      if (previous.id === me.id) {
        return event.actor?.id === handoff.claimed_by?.id
          ? told.claimed(to, headline)
          : told.takenFromYou(by, to, headline);
      }
      return handoff.handed_off_by.id === me.id ? told.claimed(to, headline) : null;
    }
    case "handoff:claimed":
    case "handoff:resolved":
    case "handoff:expired": {
      const { handoff } = event.data;
      if (handoff.handed_off_by.id !== me.id) return null;
      const headline = handoff.package.headline ?? handoff.ask;
      if (event.type === "handoff:expired") return told.expired(headline);
      return event.type === "handoff:claimed" ? told.claimed(by, headline) : told.resolved(by, headline);
    }
    case "handoff:nudged": {
      const { handoff, nudge } = event.data;
      const headline = handoff.package.headline ?? handoff.ask;
      const age = say.parts.lasting(nudge.idle_s * 1_000);
      if (nudge.to === "owner") return handoff.claimed_by?.id === me.id ? told.quiet(age, headline) : null;
      const isMeant = me.role === "admin" || (me.role === "senior" && nudge.to === "seniors");
      return isMeant && handoff.handed_off_by.id !== me.id ? told.waits(age, headline) : null;
    }
    default:
      return null;
  }
}
