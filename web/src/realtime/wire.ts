// Made by `make wire` from the server's models: not edited by hand.

export type LogEntry =
  | SessionCreated
  | SessionClosed
  | MessagePosted
  | TaskAdded
  | TaskUpdated
  | HandoffCreated
  | HandoffClaimed
  | HandoffReleased
  | HandoffReassigned
  | HandoffStarted
  | HandoffResolved
  | HandoffWithdrawn
  | HandoffExpired
  | HandoffCancelled
  | HandoffTagged
  | HandoffNudged
  | HandoffEnriched
  | HandoffResumed;
export type JoinedQueue = RecoveredRoom | OpenedQueue;
export type JoinedSession = RecoveredRoom | OpenedSession;

/**
 * `rate` is (expired + withdrawn + cancelled_queued) ÷ created.
 *
 */
export interface Abandonment {
  expired: number;
  withdrawn: number;
  cancelled_queued: number;
  self_solved: number;
  created: number;
  rate: number | null;
}
export interface Account {
  id: string;
  name: string;
}
export interface AccountChange {
  version: number;
  at: string;
  by: Person;
  before: AccountSettings;
  after: AccountSettings;
}
export interface Person {
  id: string;
  name: string;
}
/**
 * All times in seconds.
 *
 */
export interface AccountSettings {
  version: number;
  claim_roles: ("viewer" | "engineer" | "senior" | "admin")[];
  claim_targets_s: Targets;
  expires_after_s: number;
  nudge_after_s: number;
  release_idle: boolean;
  webhook_url: string | null;
}
export interface Targets {
  critical: number;
  high: number;
  normal: number;
  low: number;
}
/**
 * The newest first. `next` is the `before` of the following page.
 *
 */
export interface AccountChanges {
  changes: AccountChange[];
  next: number | null;
}
/**
 * `webhook_secret` is the key of the signatures, null where there is no webhook.
 *
 */
export interface AccountSettingsAnswer {
  settings: AccountSettings;
  webhook_secret: string | null;
}
export interface ActiveHandoff {
  handoff_id: string;
  status: "queued" | "claimed";
  claimed_by: Person | null;
}
export interface ActiveHandoffProblem {
  code: "active_handoff";
  status: 409;
  message: string;
  retryable: boolean;
  details: ActiveHandoff;
  type: string;
  title: string;
}
export interface AddTask {
  session_id: string;
  task_id: string;
  title: string;
  detail?: string | null;
  fencing_token?: number | null;
}
export interface AlreadyClaimedProblem {
  code: "already_claimed";
  status: 409;
  message: string;
  retryable: boolean;
  details: LostClaim | HolderInSession | Holder;
  type: string;
  title: string;
}
/**
 * `next` is the next queued handoff that the caller may claim.
 *
 */
export interface LostClaim {
  claimed_by: Person;
  claimed_at: string;
  lost_by_ms: number;
  next: HandoffView | null;
}
export interface HandoffView {
  id: string;
  session_id: string;
  status: "queued" | "claimed" | "resolved" | "withdrawn" | "expired" | "cancelled";
  version: number;
  fencing_token: number;
  severity: "low" | "normal" | "high" | "critical";
  reason: "no_access" | "skill" | "out_of_ideas" | "time_box" | "approval" | "risk" | "vendor" | "client_request";
  ask: string;
  handed_off_by: Person;
  handed_off_by_name: string;
  claimed_by: Person | null;
  claimed_by_name: string | null;
  claimed_at: string | null;
  first_queued_at: string;
  created_at: string;
  expires_at: string | null;
  summary_prose: string;
  what_we_know: Known[];
  confidence: "low" | "medium" | "high";
  package: Package;
  package_rev: number;
  package_state: "builtin" | "ai" | "failed";
  has_task_lane: boolean;
  tags: string[];
  claim_by: string;
  stale: boolean;
  parent_id: string | null;
  attempt_no: number;
  outcome:
    | (
        | "fixed_by_senior"
        | "guided_engineer"
        | "returned_needs_info"
        | "escalated_further"
        | "vendor"
        | "client_action"
        | "workaround"
        | "no_fault_found"
        | "duplicate"
      )
    | null;
  outcome_note: string | null;
  closed_by: Person | null;
  closed_at: string | null;
}
export interface Known {
  text: string;
  refs: Ref[];
  by: Author;
  at: string | null;
  kind: "fact" | "observation" | "ruled_out" | "hypothesis" | "client_said";
}
/**
 * Where a text comes from. What the session's problem and the escalating engineer say refers to the handoff.
 *
 */
export interface Ref {
  kind: "message" | "task" | "handoff";
  id: string;
}
export interface Author {
  id: string;
  name: string;
}
export interface Package {
  headline: string | null;
  severity: SeverityOf;
  situation: Situation;
  background: Background;
  what_we_know: Known[];
  steps_tried: Step[];
  changes_in_place: Change[];
  in_flight: Item[];
  stuck_because: string;
  ask: string | null;
  do_not: Item[];
  if_then: Item[];
  promises: Item[];
  open_questions: Item[];
  confidence: Confidence;
  completeness: Completeness;
  prose: string;
  meta: Meta;
}
export interface SeverityOf {
  level: "low" | "normal" | "high" | "critical";
  why: string | null;
}
export interface Situation {
  symptom: string | null;
  impact: string | null;
  since: string | null;
}
export interface Background {
  client: string | null;
  asset: string | null;
  recent_changes: Item[];
}
/**
 * `at` is null for what was typed with the escalation itself, whose time is the handoff's.
 *
 */
export interface Item {
  text: string;
  refs: Ref[];
  by: Author;
  at: string | null;
}
/**
 * `evidence` says how it is known that this was tried; `result` is null where none is stated.
 *
 */
export interface Step {
  n: number;
  action: string;
  result: string | null;
  evidence: "task_done" | "task_failed" | "note" | "release_note";
  by: Author;
  at: string | null;
  ref: Ref;
}
export interface Change {
  what: string;
  undo: string | null;
  refs: Ref[];
  by: Author;
  at: string | null;
}
/**
 * How well the package is supported, not how likely a cause is.
 *
 */
export interface Confidence {
  label: "low" | "medium" | "high";
  score: number;
  reasons: string[];
}
/**
 * `score` is the share of the fields that hold something; `missing` names the others.
 *
 * `earliest_messages` in `missing`: the session is longer than what is read.
 *
 */
export interface Completeness {
  score: number;
  missing: string[];
}
export interface Meta {
  rev: number;
  producer: "builtin" | "ai";
  covers_until: number;
}
export interface HolderInSession {
  claimed_by: Person;
  claimed_at: string;
  handoff_id: string;
}
export interface Holder {
  claimed_by: Person;
  claimed_at: string;
}
/**
 * The likeliest cause and the best check first.
 *
 */
export interface Analysis {
  producer: "builtin" | "ai";
  hypotheses: Hypothesis[];
  next_checks: Check[];
}
export interface Hypothesis {
  text: string;
  support: Ref[];
  against: Ref[];
}
/**
 * `repeats_step` is the `n` of the tried step that this does again, null if it is new.
 *
 */
export interface Check {
  text: string;
  risk: "low" | "medium" | "high";
  why: string;
  repeats_step: number | null;
  refs: Ref[];
}
/**
 * `attainment` is met ÷ (met + late + unclaimed_past_target), null where that is nothing.
 *
 */
export interface Attainment {
  met: number;
  late: number;
  unclaimed_past_target: number;
  too_young: number;
  ended_before_target: number;
  attainment: number | null;
}
export interface Breakdown {
  severity: {
    [k: string]: number;
  };
  reason: {
    [k: string]: number;
  };
}
export interface BySeverity {
  critical: Attainment;
  high: Attainment;
  normal: Attainment;
  low: Attainment;
}
export interface Claim {
  id: string;
  fencing_token: number;
}
/**
 * `replayed`: the caller already had it, and nothing happened now.
 *
 */
export interface ClaimAnswer {
  handoff: HandoffView;
  claim: Claim;
  replayed: boolean;
}
export interface ClaimEndedProblem {
  code: "claim_ended";
  status: 409;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
export interface Empty {}
export interface ClaimHandoff {
  handoff_id: string;
  claim_id: string;
}
export interface CloseSession {
  session_id: string;
  resolution: string;
  force?: boolean;
}
export interface ClosedProblem {
  code: "closed";
  status: 409;
  message: string;
  retryable: boolean;
  details: Ending;
  type: string;
  title: string;
}
/**
 * Of a handoff, or of a session: then the status is `closed`.
 *
 */
export interface Ending {
  status: "closed" | "resolved" | "withdrawn" | "expired" | "cancelled";
  at: string;
  by: Person | null;
  outcome:
    | (
        | "fixed_by_senior"
        | "guided_engineer"
        | "returned_needs_info"
        | "escalated_further"
        | "vendor"
        | "client_action"
        | "workaround"
        | "no_fault_found"
        | "duplicate"
      )
    | null;
}
export interface Conflicts {
  handoffs: number;
  claimed: number;
  rate: number | null;
  stale_view: number;
}
/**
 * `client` and `headline` are those of its package.
 *
 */
export interface CountedHandoff {
  id: string;
  session_id: string;
  created_at: string;
  severity: "low" | "normal" | "high" | "critical";
  status: "queued" | "claimed" | "resolved" | "withdrawn" | "expired" | "cancelled";
  client: string | null;
  headline: string | null;
  seconds: number | null;
}
/**
 * Newest first. `next` is the `before` of the following page.
 *
 */
export interface CountedHandoffs {
  handoffs: CountedHandoff[];
  next: string | null;
}
export interface CreateHandoff {
  handoff_id: string;
  session_id: string;
  severity: "low" | "normal" | "high" | "critical";
  reason: "no_access" | "skill" | "out_of_ideas" | "time_box" | "approval" | "risk" | "vendor" | "client_request";
  ask: string;
  note?: string | null;
}
export interface CreateSession {
  session_id: string;
  title: string;
  client_name: string;
  problem: string;
}
/**
 * Percentiles of `n` values; of less than five the values instead.
 *
 */
export interface Duration {
  n: number;
  p50: number | null;
  p75: number | null;
  p90: number | null;
  p95: number | null;
  values: Value[] | null;
}
export interface Value {
  handoff_id: string;
  seconds: number;
}
/**
 * What to look for in the server's log.
 *
 */
export interface ErrorId {
  error_id: string;
}
/**
 * What a session tells of its newest handoff; the whole package is the handoff's.
 *
 */
export interface EscalationPackage {
  handoff_id: string;
  attempt_no: number;
  severity: "low" | "normal" | "high" | "critical";
  reason: "no_access" | "skill" | "out_of_ideas" | "time_box" | "approval" | "risk" | "vendor" | "client_request";
  ask: string;
  headline: string | null;
  summary_prose: string;
  confidence: "low" | "medium" | "high";
  created_at: string;
}
/**
 * At most 1,000 events. `next` is the `after` of the following page.
 *
 */
export interface EventPage {
  room: string;
  epoch: string;
  /**
   * The number of the room's newest event, 0 before the first
   */
  seq: number;
  events: LogEntry[];
  next: number | null;
}
export interface SessionCreated {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "session:created";
  data: SessionAnswer;
}
export interface SessionAnswer {
  session: SessionView;
}
export interface SessionView {
  id: string;
  title: string;
  client_name: string;
  problem: string;
  status: "open" | "closed";
  resolution: string | null;
  created_by: Person;
  created_at: string;
  closed_by: Person | null;
  closed_at: string | null;
  escalation_package: EscalationPackage | null;
}
export interface SessionClosed {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "session:closed";
  data: SessionAnswer;
}
export interface MessagePosted {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "message:posted";
  data: MessageAnswer;
}
export interface MessageAnswer {
  message: MessageView;
}
export interface MessageView {
  id: string;
  session_id: string;
  seq: number;
  author: Person;
  kind: "note" | "assistant" | "client" | "system";
  body: string;
  at: string;
}
export interface TaskAdded {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "task:added";
  data: TaskAnswer;
}
export interface TaskAnswer {
  task: TaskView;
}
/**
 * `seq` orders the lane.
 *
 */
export interface TaskView {
  id: string;
  session_id: string;
  seq: number;
  version: number;
  title: string;
  detail: string | null;
  state: "todo" | "doing" | "done" | "failed" | "skipped";
  result: string | null;
  created_by: Person;
  created_at: string;
  updated_by: Person;
  updated_at: string;
}
export interface TaskUpdated {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "task:updated";
  data: TaskUpdatedData;
}
export interface TaskUpdatedData {
  task: TaskView;
  asked: TaskChange;
}
/**
 * What a `task:update` asked for; null where it said nothing.
 *
 */
export interface TaskChange {
  state: ("todo" | "doing" | "done" | "failed" | "skipped") | null;
  result: string | null;
  title: string | null;
}
export interface HandoffCreated {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:created";
  data: HandoffCreatedData;
}
export interface HandoffCreatedData {
  handoff: HandoffView;
  session: SessionView;
  note: string | null;
}
export interface HandoffClaimed {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:claimed";
  data: HandoffAnswer;
}
export interface HandoffAnswer {
  handoff: HandoffView;
}
export interface HandoffReleased {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:released";
  data: HandoffReleasedData;
}
export interface HandoffReleasedData {
  handoff: HandoffView;
  note: string;
}
export interface HandoffReassigned {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:reassigned";
  data: HandoffReassignedData;
}
export interface HandoffReassignedData {
  handoff: HandoffView;
  note: string;
  previous: Person;
}
export interface HandoffStarted {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:started";
  data: HandoffStartedData;
}
export interface HandoffStartedData {
  handoff: HandoffView;
  analysis: Analysis | null;
  mode: "continue" | "ai_analysis" | "own_thing";
}
export interface HandoffResolved {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:resolved";
  data: HandoffAnswer;
}
export interface HandoffWithdrawn {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:withdrawn";
  data: HandoffWithdrawnData;
}
export interface HandoffWithdrawnData {
  handoff: HandoffView;
  reason: "solved_self" | "mistake" | "other";
}
export interface HandoffExpired {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:expired";
  data: HandoffAnswer;
}
export interface HandoffCancelled {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:cancelled";
  data: HandoffAnswer;
}
export interface HandoffTagged {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:tagged";
  data: HandoffAnswer;
}
export interface HandoffNudged {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:nudged";
  data: HandoffNudgedData;
}
export interface HandoffNudgedData {
  handoff: HandoffView;
  nudge: Nudge;
}
/**
 * `n` counts them since the owner's last write, or since it was queued. `idle_s` is the time since then.
 *
 */
export interface Nudge {
  n: number;
  to: "owner" | "seniors" | "admins";
  idle_s: number;
}
/**
 * The language model was asked about the package, or given up.
 *
 */
export interface HandoffEnriched {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:enriched";
  data: HandoffEnrichedData;
}
/**
 * `ai`: the package is a better one. `offered`: there is a better one, which `handoff:get` answers beside it.
 *
 */
export interface HandoffEnrichedData {
  handoff: HandoffView;
  session: SessionView;
  result: "ai" | "offered" | "failed";
}
/**
 * The owner of a stale handoff is back.
 *
 */
export interface HandoffResumed {
  room: string;
  seq: number;
  at: string;
  actor: Person | null;
  type: "handoff:resumed";
  data: HandoffAnswer;
}
export interface FieldFault {
  loc: (string | number)[];
  msg: string;
  type: string;
}
/**
 * What happened in the session from the handoff's creation to its end. `next` is the following `after`.
 *
 */
export interface HandoffLog {
  events: LogEntry[];
  next: number | null;
}
/**
 * `offered_package`: a better one that came after the handoff was claimed, null if none did.
 *
 */
export interface HandoffScreen {
  handoff: HandoffView;
  offered_package: Package | null;
  session: SessionView;
  messages: MessageView[];
  tasks: TaskView[];
}
export interface Health {
  status: "ok";
}
export interface IdConflictProblem {
  code: "id_conflict";
  status: 409;
  message: string;
  retryable: boolean;
  details: TaskAnswer | HandoffAnswer | SettingsInForce | Empty;
  type: string;
  title: string;
}
export interface SettingsInForce {
  settings: AccountSettings;
}
export interface InternalProblem {
  code: "internal";
  status: 500;
  message: string;
  retryable: boolean;
  details: ErrorId;
  type: string;
  title: string;
}
export interface InvalidFields {
  fields: FieldFault[];
}
export interface InvalidPayloadProblem {
  code: "invalid_payload";
  status: 422;
  message: string;
  retryable: boolean;
  details: InvalidFields;
  type: string;
  title: string;
}
export interface Limit {
  limit: number;
}
export interface Me {
  user: User;
  account: Account;
}
export interface User {
  id: string;
  name: string;
  role: "viewer" | "engineer" | "senior" | "admin";
}
/**
 * Oldest first. `next` is the `before` of the following, older page.
 *
 */
export interface MessagePage {
  messages: MessageView[];
  next: string | null;
}
/**
 * `people` is null for everybody but admins. `targets` are the account's now, in seconds.
 *
 */
export interface Metrics {
  window: Window;
  created: number;
  time_to_claim: Duration;
  time_to_first_action: Duration;
  time_to_resolve: Duration;
  queue_wait_total: Duration;
  sla: Sla;
  abandonment: Abandonment;
  conflicts: Conflicts;
  rebound: OfClaimed;
  breakdown: Breakdown;
  outcomes: {
    [k: string]: number;
  };
  previous: Period;
  now: Now;
  targets: Targets;
  people: Share[] | null;
}
/**
 * Created in [from, to).
 *
 */
export interface Window {
  from: string;
  to: string;
  tz: string;
}
export interface Sla {
  met: number;
  late: number;
  unclaimed_past_target: number;
  too_young: number;
  ended_before_target: number;
  attainment: number | null;
  by_severity: BySeverity;
}
/**
 * `rate` is handoffs ÷ claimed.
 *
 */
export interface OfClaimed {
  handoffs: number;
  claimed: number;
  rate: number | null;
}
export interface Period {
  window: Window;
  created: number;
  time_to_claim: Duration;
  time_to_first_action: Duration;
  time_to_resolve: Duration;
  queue_wait_total: Duration;
  sla: Sla;
  abandonment: Abandonment;
  conflicts: Conflicts;
  rebound: OfClaimed;
  breakdown: Breakdown;
  outcomes: {
    [k: string]: number;
  };
}
/**
 * At this moment, whatever the window.
 *
 */
export interface Now {
  waiting: number;
  oldest_wait_s: number | null;
  past_target: number;
  claimed_active: number;
  stale: number;
}
/**
 * With how many handoffs of the window somebody did that.
 *
 */
export interface Share {
  user: Person;
  handed_off: number;
  claimed: number;
  returned: number;
  resolved: number;
}
/**
 * Seconds from being queued to being claimed.
 *
 */
export interface NewTargets {
  critical: number;
  high: number;
  normal: number;
  low: number;
}
export interface NotFoundProblem {
  code: "not_found";
  status: 404;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
export interface NotOwnerProblem {
  code: "not_owner";
  status: 409;
  message: string;
  retryable: boolean;
  details: Standing | Empty;
  type: string;
  title: string;
}
export interface Standing {
  status: "queued" | "claimed" | "resolved" | "withdrawn" | "expired" | "cancelled";
  claimed_by: Person | null;
}
export interface Pause {
  retry_after_ms: number;
}
export interface PostMessage {
  session_id: string;
  message_id: string;
  body: string;
  kind: "note" | "assistant" | "client" | "system";
  fencing_token?: number | null;
  ask?: boolean;
}
/**
 * By severity, then age. Without what the caller handed off.
 *
 */
export interface QueueSnapshot {
  handoffs: HandoffView[];
}
export interface RateLimitedProblem {
  code: "rate_limited";
  status: 429;
  message: string;
  retryable: boolean;
  details: Pause;
  type: string;
  title: string;
}
/**
 * Whether traffic may come to this replica, and why not.
 *
 */
export interface Readiness {
  status: "ready" | "degraded" | "unready";
  reasons: string[];
  replica: string;
}
export interface ReassignHandoff {
  handoff_id: string;
  fencing_token: number;
  to_user_id: string;
  note: string;
}
export interface ReleaseHandoff {
  handoff_id: string;
  fencing_token: number;
  note: string;
}
export interface ResolveHandoff {
  handoff_id: string;
  fencing_token: number;
  outcome:
    | "fixed_by_senior"
    | "guided_engineer"
    | "returned_needs_info"
    | "escalated_further"
    | "vendor"
    | "client_action"
    | "workaround"
    | "no_fault_found"
    | "duplicate";
  note: string;
}
export interface Revoked {
  user_id: string;
  revoked_at: string;
}
export interface RoleRequiredProblem {
  code: "role_required";
  status: 403;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
export interface SelfClaimProblem {
  code: "self_claim";
  status: 403;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
/**
 * Newest first. `next` is the `before` of the following page.
 *
 */
export interface SessionPage {
  sessions: SessionView[];
  next: string | null;
}
/**
 * The newest 200 messages, all tasks and handoffs.
 *
 */
export interface SessionSnapshot {
  session: SessionView;
  messages: MessageView[];
  tasks: TaskView[];
  handoffs: HandoffView[];
}
export interface SignInBody {
  email: string;
  password: string;
}
export interface SignedIn {
  user: User;
  account: Account;
  token: string;
  expires_at: string;
}
/**
 * `analysis` is what the mode `ai_analysis` starts with, null in the others.
 *
 */
export interface StartAnswer {
  handoff: HandoffView;
  analysis: Analysis | null;
}
export interface StartHandoff {
  handoff_id: string;
  fencing_token: number;
  mode: "continue" | "ai_analysis" | "own_thing";
}
export interface StatusUpdate {
  session_id: string;
  context: "escalation" | "client" | "internal";
}
/**
 * Of the newest handoff, null where there is none; `summary_prose` in the context `escalation` alone.
 *
 */
export interface StatusUpdateAnswer {
  context: "escalation" | "client" | "internal";
  text: string;
  handoff_id: string | null;
  summary_prose: string | null;
}
export interface TagHandoff {
  handoff_id: string;
  version: number;
  /**
   * @maxItems 10
   */
  tags: string[];
}
export interface TokenExpiredProblem {
  code: "token_expired";
  status: 401;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
export interface TooLargeProblem {
  code: "too_large";
  status: 413;
  message: string;
  retryable: boolean;
  details: Limit | Empty;
  type: string;
  title: string;
}
export interface UnauthorizedProblem {
  code: "unauthorized";
  status: 401;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
export interface UnavailableProblem {
  code: "unavailable";
  status: 503;
  message: string;
  retryable: boolean;
  details: Empty;
  type: string;
  title: string;
}
/**
 * What is left out stays. Targets and expiry are of handoffs made or queued from now on.
 *
 */
export interface UpdateSettings {
  version: number;
  /**
   * @minItems 1
   */
  claim_roles?: ("engineer" | "senior" | "admin")[];
  claim_targets_s?: NewTargets | null;
  expires_after_s?: number;
  nudge_after_s?: number;
  release_idle?: boolean;
  webhook_url?: string | null;
}
export interface UpdateTask {
  session_id: string;
  task_id: string;
  version: number;
  state?: ("todo" | "doing" | "done" | "failed" | "skipped") | null;
  result?: string | null;
  title?: string | null;
  fencing_token?: number | null;
}
export interface UserNamed {}
export interface WithdrawHandoff {
  handoff_id: string;
  reason: "solved_self" | "mistake" | "other";
}
export interface ActiveHandoffError {
  code: "active_handoff";
  status: 409;
  message: string;
  retryable: boolean;
  details: ActiveHandoff;
}
export interface AlreadyClaimedError {
  code: "already_claimed";
  status: 409;
  message: string;
  retryable: boolean;
  details: LostClaim | HolderInSession | Holder;
}
/**
 * What the assistant has answered so far, whole: at most four a second, none that has to be heard.
 *
 * The answer itself comes as the message `answer_id`, or in its place a `system` message that says it failed.
 *
 */
export interface AssistantDelta {
  room: string;
  session_id: string;
  /**
   * The message that asked
   */
  message_id: string;
  answer_id: string;
  text: string;
}
export interface ClaimAnswerAck {
  ok: true;
  data: ClaimAnswer;
}
export interface ClaimEndedError {
  code: "claim_ended";
  status: 409;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface ClosedError {
  code: "closed";
  status: 409;
  message: string;
  retryable: boolean;
  details: Ending;
}
/**
 * The `auth` of CONNECT.
 *
 */
export interface Connect {
  token: string;
}
export interface ConnectCode {
  code: "unauthorized" | "token_expired" | "unavailable" | "overloaded";
  status: number;
}
/**
 * CONNECT_ERROR.
 *
 */
export interface ConnectRefused {
  message: string;
  data: ConnectCode;
}
export interface CountedHandoffsAck {
  ok: true;
  data: CountedHandoffs;
}
export interface Draining {
  reconnect_after_ms: number;
}
export interface EmptyAck {
  ok: true;
  data: Empty;
}
export interface EventPageAck {
  ok: true;
  data: EventPage;
}
export interface Evicted {
  room: string;
  reason: string;
}
export interface GetQueue {
  tag?: string | null;
}
export interface HandoffAnswerAck {
  ok: true;
  data: HandoffAnswer;
}
export interface HandoffLogAck {
  ok: true;
  data: HandoffLog;
}
export interface HandoffNamed {
  handoff_id: string;
}
export interface HandoffScreenAck {
  ok: true;
  data: HandoffScreen;
}
/**
 * `figure` is a number's place in the answer of `queue:metrics`; those of people are of the one with `user_id`.
 *
 */
export interface HandoffsBehind {
  from?: string | null;
  to?: string | null;
  tz?: string;
  figure:
    | "created"
    | "time_to_claim.n"
    | "time_to_first_action.n"
    | "time_to_resolve.n"
    | "queue_wait_total.n"
    | "sla.met"
    | "sla.late"
    | "sla.unclaimed_past_target"
    | "sla.too_young"
    | "sla.ended_before_target"
    | "abandonment.expired"
    | "abandonment.withdrawn"
    | "abandonment.cancelled_queued"
    | "abandonment.self_solved"
    | "conflicts.handoffs"
    | "conflicts.claimed"
    | "conflicts.stale_view"
    | "rebound.handoffs"
    | "rebound.claimed"
    | "outcomes.fixed_by_senior"
    | "outcomes.guided_engineer"
    | "outcomes.returned_needs_info"
    | "outcomes.escalated_further"
    | "outcomes.vendor"
    | "outcomes.client_action"
    | "outcomes.workaround"
    | "outcomes.no_fault_found"
    | "outcomes.duplicate"
    | "now.waiting"
    | "now.past_target"
    | "now.claimed_active"
    | "now.stale"
    | "people.handed_off"
    | "people.claimed"
    | "people.returned"
    | "people.resolved";
  user_id?: string | null;
  severity?: ("low" | "normal" | "high" | "critical") | null;
  reason?:
    ("no_access" | "skill" | "out_of_ideas" | "time_box" | "approval" | "risk" | "vendor" | "client_request") | null;
  before?: string | null;
  limit?: number;
}
export interface Hello {
  user: User;
  account: Account;
  protocol: 1;
  replica: string;
  server_time: string;
  token_expires_at: string;
  limits: Limits;
}
export interface Limits {
  payload_bytes: number;
  commands_per_second: number;
  commands_per_second_user: number;
  commands_per_second_account: number;
  connections_per_user: number;
  rooms_per_connection: number;
  outbound_bytes: number;
}
export interface IdConflictError {
  code: "id_conflict";
  status: 409;
  message: string;
  retryable: boolean;
  details: TaskAnswer | HandoffAnswer | SettingsInForce | Empty;
}
export interface InternalError {
  code: "internal";
  status: 500;
  message: string;
  retryable: boolean;
  details: ErrorId;
}
export interface InvalidPayloadError {
  code: "invalid_payload";
  status: 422;
  message: string;
  retryable: boolean;
  details: InvalidFields;
}
export interface JoinQueue {
  after?: number | null;
  epoch?: string | null;
}
export interface JoinSession {
  session_id: string;
  after?: number | null;
  epoch?: string | null;
}
/**
 * All that was missed, up to `seq`.
 *
 */
export interface RecoveredRoom {
  room: string;
  epoch: string;
  /**
   * The number of the room's newest event, 0 before the first
   */
  seq: number;
  recovered: true;
  events: LogEntry[];
}
/**
 * The queue as of exactly `seq`.
 *
 */
export interface OpenedQueue {
  room: string;
  epoch: string;
  /**
   * The number of the room's newest event, 0 before the first
   */
  seq: number;
  recovered: false;
  snapshot: QueueSnapshot;
}
export interface JoinedQueueAck {
  ok: true;
  data: JoinedQueue;
}
/**
 * The session as of exactly `seq`.
 *
 */
export interface OpenedSession {
  room: string;
  epoch: string;
  /**
   * The number of the room's newest event, 0 before the first
   */
  seq: number;
  recovered: false;
  snapshot: SessionRoom;
}
export interface SessionRoom {
  session: SessionView;
  messages: MessageView[];
  tasks: TaskView[];
  handoffs: HandoffView[];
  members: Member[];
}
/**
 * Somebody in a room. `handoff_id` is what the queue's members are looking at, null elsewhere.
 *
 */
export interface Member {
  id: string;
  name: string;
  state: "viewing" | "away";
  handoff_id: string | null;
}
export interface JoinedSessionAck {
  ok: true;
  data: JoinedSession;
}
export interface Left {
  room: string;
}
export interface LeftAck {
  ok: true;
  data: Left;
}
export interface ListSessions {
  status?: ("open" | "closed") | null;
  mine?: boolean;
  before?: string | null;
  limit?: number;
}
export interface MeAck {
  ok: true;
  data: Me;
}
export interface MessageAnswerAck {
  ok: true;
  data: MessageAnswer;
}
export interface MessagePageAck {
  ok: true;
  data: MessagePage;
}
export interface MetricsAck {
  ok: true;
  data: Metrics;
}
export interface NotFoundError {
  code: "not_found";
  status: 404;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface NotOwnerError {
  code: "not_owner";
  status: 409;
  message: string;
  retryable: boolean;
  details: Standing | Empty;
}
export interface Nothing {}
/**
 * Who is in the room. `stale` while other replicas are not heard: then none of theirs comes or goes.
 *
 */
export interface PresenceSignal {
  room: string;
  /**
   * By name, at most 200
   */
  members: Member[];
  /**
   * How many there are
   */
  count: number;
  stale: boolean;
}
export interface QueueSnapshotAck {
  ok: true;
  data: QueueSnapshot;
}
export interface RateLimitedError {
  code: "rate_limited";
  status: 429;
  message: string;
  retryable: boolean;
  details: Pause;
}
export interface ReadHandoffLog {
  handoff_id: string;
  after?: number;
}
/**
 * Of the handoffs created in [from, to). A date is its first instant in `tz`.
 *
 */
export interface ReadMetrics {
  from?: string | null;
  to?: string | null;
  tz?: string;
}
export interface RefusalAck {
  ok: false;
  error:
    | InvalidPayloadError
    | UnknownCommandError
    | UnauthorizedError
    | TokenExpiredError
    | RoleRequiredError
    | SelfClaimError
    | NotFoundError
    | AlreadyClaimedError
    | NotOwnerError
    | ClaimEndedError
    | ClosedError
    | ActiveHandoffError
    | IdConflictError
    | RateLimitedError
    | TooLargeError
    | UnavailableError
    | InternalError;
}
export interface UnknownCommandError {
  code: "unknown_command";
  status: 404;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface UnauthorizedError {
  code: "unauthorized";
  status: 401;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface TokenExpiredError {
  code: "token_expired";
  status: 401;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface RoleRequiredError {
  code: "role_required";
  status: 403;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface SelfClaimError {
  code: "self_claim";
  status: 403;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface TooLargeError {
  code: "too_large";
  status: 413;
  message: string;
  retryable: boolean;
  details: Limit | Empty;
}
export interface UnavailableError {
  code: "unavailable";
  status: 503;
  message: string;
  retryable: boolean;
  details: Empty;
}
export interface RenewToken {
  token: string;
}
export interface Renewed {
  token_expires_at: string;
}
export interface RenewedAck {
  ok: true;
  data: Renewed;
}
export interface RoomEvents {
  kind: "session" | "escalations";
  id: string;
  after?: number;
}
export interface SessionAnswerAck {
  ok: true;
  data: SessionAnswer;
}
export interface SessionHistory {
  session_id: string;
  before?: string | number | null;
  limit?: number;
}
export interface SessionNamed {
  session_id: string;
}
export interface SessionPageAck {
  ok: true;
  data: SessionPage;
}
export interface SessionSnapshotAck {
  ok: true;
  data: SessionSnapshot;
}
export interface SetPresence {
  state: "viewing" | "away";
  handoff_id?: string | null;
}
export interface StartAnswerAck {
  ok: true;
  data: StartAnswer;
}
export interface StatusUpdateAnswerAck {
  ok: true;
  data: StatusUpdateAnswer;
}
export interface TaskAnswerAck {
  ok: true;
  data: TaskAnswer;
}
export interface Typing {
  session_id: string;
  typing: boolean;
}
export interface TypingSignal {
  room: string;
  session_id: string;
  user: Person;
  typing: boolean;
}
