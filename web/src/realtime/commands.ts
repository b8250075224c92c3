// What may be asked of the server, and what it answers: names, payloads and answers are the contract's.
import type * as wire from "./wire";

export interface Commands {
  "session:create": [wire.CreateSession, wire.SessionAnswer];
  "session:list": [wire.ListSessions, wire.SessionPage];
  "session:history": [wire.SessionHistory, wire.MessagePage];
  "session:close": [wire.CloseSession, wire.SessionAnswer];
  "session:status_update": [wire.StatusUpdate, wire.StatusUpdateAnswer];
  typing: [wire.Typing, wire.Empty];
  "presence:set": [wire.SetPresence, wire.Empty];
  "message:post": [wire.PostMessage, wire.MessageAnswer];
  "task:add": [wire.AddTask, wire.TaskAnswer];
  "task:update": [wire.UpdateTask, wire.TaskAnswer];
  "handoff:create": [wire.CreateHandoff, wire.HandoffAnswer];
  "handoff:claim": [wire.ClaimHandoff, wire.ClaimAnswer];
  "handoff:release": [wire.ReleaseHandoff, wire.HandoffAnswer];
  "handoff:reassign": [wire.ReassignHandoff, wire.HandoffAnswer];
  "handoff:resolve": [wire.ResolveHandoff, wire.HandoffAnswer];
  "handoff:withdraw": [wire.WithdrawHandoff, wire.HandoffAnswer];
  "handoff:start": [wire.StartHandoff, wire.StartAnswer];
  "handoff:tag": [wire.TagHandoff, wire.HandoffAnswer];
  "handoff:get": [wire.HandoffNamed, wire.HandoffScreen];
  "queue:metrics": [wire.ReadMetrics, wire.Metrics];
  "queue:metrics_handoffs": [wire.HandoffsBehind, wire.CountedHandoffs];
  "me:get": [wire.Nothing, wire.Me];
  "auth:renew": [wire.RenewToken, wire.Renewed];
}

export type Name = keyof Commands;
export type Payload<N extends Name> = Commands[N][0];
export type Answer<N extends Name> = Commands[N][1];

/** Commands that change nothing and may wait for nobody: they are not held while offline. */
export const READS: ReadonlySet<Name> = new Set<Name>([
  "session:list",
  "session:history",
  "session:status_update",
  "typing",
  "presence:set",
  "handoff:get",
  "queue:metrics",
  "queue:metrics_handoffs",
  "me:get",
  "auth:renew",
]);

/**
 * Of the commands that write, those that say what somebody has done or found: as right in an hour as now. They wait for a
 * connection, also over a reload of the page, and go out under the ids they were made with. So does `message:post`, which
 * the outbox of its session keeps, because the conversation shows it.
 * - `session:create`, `task:add`, `handoff:create` carry an id of their own.
 * - `task:update` carries the version that was seen: where somebody was faster it is refused, and that is told.
 */
export const KEPT: ReadonlySet<Name> = new Set<Name>(["session:create", "task:add", "task:update", "handoff:create"]);

/**
 * Those that change who answers for a handoff, or end something for everybody. Whoever gives them looks at how things
 * stand now, and nobody should get a handoff long after they pressed its button: without a connection they are refused at
 * once. The texts of their dialogs stay as drafts. `handoff:tag` is one of them since it replaces all the tags.
 */
export const AT_ONCE: ReadonlySet<Name> = new Set<Name>([
  "handoff:claim",
  "handoff:start",
  "handoff:release",
  "handoff:reassign",
  "handoff:resolve",
  "handoff:withdraw",
  "handoff:tag",
  "session:close",
]);

export interface Refusal {
  code: string;
  status: number;
  message: string;
  retryable: boolean;
  details: Record<string, unknown>;
}

/** As the server says it. */
export type Ack = { ok: true; data: unknown } | { ok: false; error: Refusal };

export type Result<T> = { ok: true; data: T } | { ok: false; error: Refusal };

/** Not the server's word: there is no connection, or no answer in time. */
export const OFFLINE: Refusal = {
  code: "offline",
  status: 0,
  message: "There is no connection to the server.",
  retryable: true,
  details: {},
};
