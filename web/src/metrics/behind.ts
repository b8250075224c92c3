// Which number's handoffs are shown: its place in the server's answer, kept in the address.
import { createContext, useContext } from "react";
import type { Phrases } from "../app/words/en";
import { LEVELS } from "../parts/Severity";
import type { Payload } from "../realtime/commands";

export type Counted = Pick<Payload<"queue:metrics_handoffs">, "figure" | "severity" | "reason" | "user_id">;

export const ShowBehind = createContext<(counted: Counted) => void>(() => undefined);

export function useShowBehind(): (counted: Counted) => void {
  return useContext(ShowBehind);
}

export function inQuery(query: URLSearchParams, say: Phrases): Counted | null {
  const [figure, severity, reason, user] = ["figure", "severity", "reason", "user"].map((name) => query.get(name));
  const place = names(say);
  if (figure === null || figure === undefined || !isIn(place, figure)) return null;
  const of: Counted = { figure };
  const level = LEVELS.find((one) => one === severity);
  if (level !== undefined) of.severity = level;
  if (reason !== null && reason !== undefined && isIn(say.metrics.reasons, reason)) of.reason = reason;
  if (user !== null && user !== undefined && user !== "") of.user_id = user;
  return of;
}

export function toQuery(counted: Counted | null): Record<string, string | null> {
  return {
    figure: counted?.figure ?? null,
    severity: counted?.severity ?? null,
    reason: counted?.reason ?? null,
    user: counted?.user_id ?? null,
  };
}

/** What a number is called. */
export function figureName(say: Phrases, { figure, severity, reason }: Counted): string {
  const of = [
    severity === null || severity === undefined ? null : say.parts.severity[severity],
    reason === null || reason === undefined ? null : say.metrics.reasons[reason],
  ];
  return [names(say)[figure], ...of.filter((one) => one !== null)].join(", ");
}

function names({ metrics: m, parts }: Phrases): Record<Counted["figure"], string> {
  return {
    created: m.made,
    "time_to_claim.n": m.durationNames.time_to_claim,
    "time_to_first_action.n": m.durationNames.time_to_first_action,
    "time_to_resolve.n": m.durationNames.time_to_resolve,
    "queue_wait_total.n": m.durationNames.queue_wait_total,
    "sla.met": m.met,
    "sla.late": m.late,
    "sla.unclaimed_past_target": m.unclaimed,
    "sla.too_young": m.tooYoung,
    "sla.ended_before_target": m.endedBefore,
    "abandonment.expired": m.expired,
    "abandonment.withdrawn": m.withdrawn,
    "abandonment.cancelled_queued": m.cancelled,
    "abandonment.self_solved": m.selfSolved,
    "conflicts.handoffs": m.raced,
    "conflicts.claimed": m.claimedEver,
    "conflicts.stale_view": m.staleView,
    "rebound.handoffs": m.returned,
    "rebound.claimed": m.claimedEver,
    "outcomes.fixed_by_senior": parts.outcome.fixed_by_senior,
    "outcomes.guided_engineer": parts.outcome.guided_engineer,
    "outcomes.returned_needs_info": parts.outcome.returned_needs_info,
    "outcomes.escalated_further": parts.outcome.escalated_further,
    "outcomes.vendor": parts.outcome.vendor,
    "outcomes.client_action": parts.outcome.client_action,
    "outcomes.workaround": parts.outcome.workaround,
    "outcomes.no_fault_found": parts.outcome.no_fault_found,
    "outcomes.duplicate": parts.outcome.duplicate,
    "now.waiting": m.waiting,
    "now.past_target": m.pastTarget,
    "now.claimed_active": m.inWork,
    "now.stale": m.quiet,
    "people.handed_off": m.handedOff,
    "people.claimed": m.claimed,
    "people.returned": m.putBack,
    "people.resolved": m.resolved,
  };
}

function isIn<K extends string>(known: Readonly<Record<K, unknown>>, key: string): key is K {
  return Object.hasOwn(known, key);
}
