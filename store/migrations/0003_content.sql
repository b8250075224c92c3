-- Everything that is rewritten is locked at once, in the order of the statements that run beside it: handoffs first.
SET LOCAL lock_timeout = '2s';
LOCK TABLE handoffs, sessions, messages, accounts IN ACCESS EXCLUSIVE MODE;

-- What an account says of its handoffs. Times of reaction are in seconds from the first queueing to the first claim.
ALTER TABLE accounts
    ADD COLUMN claim_targets jsonb NOT NULL DEFAULT '{"critical": 900, "high": 1800, "normal": 14400, "low": 86400}',
    ADD COLUMN nudge_after interval NOT NULL DEFAULT '15 minutes',
    ADD COLUMN release_idle boolean NOT NULL DEFAULT false,
    ADD COLUMN version integer NOT NULL DEFAULT 1;

CREATE TABLE account_changes (
    account_id uuid NOT NULL REFERENCES accounts,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    by_name text NOT NULL,
    asked jsonb NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    PRIMARY KEY (account_id, version)
);

ALTER TABLE handoffs
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN claim_by timestamptz,  -- the target of its severity, as it was when the handoff was made
    ADD COLUMN queued_since timestamptz,  -- null unless queued
    ADD COLUMN waited interval NOT NULL DEFAULT '0',  -- of the stays in the queue that are over
    ADD COLUMN first_claimed_at timestamptz,
    ADD COLUMN first_action_at timestamptz,  -- the first write of an owner
    ADD COLUMN claims integer NOT NULL DEFAULT 0,  -- that won; an assignment is none
    ADD COLUMN withdraw_reason text,
    ADD COLUMN ended_from text CHECK (ended_from IN ('queued', 'claimed')),
    ADD COLUMN nudges integer NOT NULL DEFAULT 0,  -- of this stay in the queue, or of this owner since the last write
    ADD COLUMN nudged_at timestamptz,  -- the last of them
    ADD COLUMN nudge_at timestamptz,  -- when to look next whether one is due
    ADD COLUMN enrich_at timestamptz,  -- when to ask the language model next
    ADD COLUMN offered_package jsonb,  -- a better package that came after the claim
    ADD COLUMN analysis jsonb,
    ADD COLUMN due_at timestamptz GENERATED ALWAYS AS (least(expires_at, nudge_at)) STORED;

-- The clock of a handoff, in one place for every statement that moves it, those of the release before included.
CREATE FUNCTION keep_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    settings accounts;
    target interval;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.status, NEW.fencing_token) = (OLD.status, OLD.fencing_token) THEN
        IF NEW.nudges > 0 AND NEW.started_modes <> OLD.started_modes THEN
            NEW.nudge_at := clock_timestamp();  -- the owner is back
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO settings FROM accounts WHERE id = NEW.account_id;
    target := make_interval(secs => (settings.claim_targets ->> NEW.severity)::float8);
    IF TG_OP = 'INSERT' THEN
        NEW.claim_by := NEW.first_queued_at + target;
        NEW.queued_since := NEW.first_queued_at;
    ELSIF OLD.status = 'queued' AND NEW.status <> 'queued' THEN
        NEW.waited := OLD.waited + (coalesce(NEW.claimed_at, NEW.closed_at) - OLD.queued_since);
        NEW.queued_since := NULL;
    ELSIF NEW.status = 'queued' THEN
        NEW.queued_since := coalesce(NEW.queued_since, clock_timestamp());
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.status, NEW.status) = ('queued', 'claimed') THEN
        NEW.claims := OLD.claims + 1;
        NEW.first_claimed_at := coalesce(OLD.first_claimed_at, NEW.claimed_at);
    END IF;
    IF NEW.status NOT IN ('queued', 'claimed') THEN
        NEW.ended_from := OLD.status;
        NEW.enrich_at := NULL;
    END IF;
    NEW.nudges := 0;
    NEW.nudged_at := NULL;
    NEW.nudge_at := CASE NEW.status
        WHEN 'queued' THEN NEW.queued_since + target WHEN 'claimed' THEN NEW.claimed_at + settings.nudge_after END;
    RETURN NEW;
END $$;

-- Of handoffs made before: an earlier release is not taken out of the time they waited.
UPDATE handoffs h SET
    claim_by = h.first_queued_at + make_interval(secs => (a.claim_targets ->> h.severity)::float8),
    queued_since = CASE h.status WHEN 'queued' THEN h.first_queued_at END,
    first_claimed_at = w.first, claims = w.n,
    waited = CASE WHEN h.status <> 'queued' THEN coalesce(w.first, h.closed_at) - h.first_queued_at ELSE '0' END,
    ended_from = CASE WHEN h.closed_at IS NOT NULL THEN CASE WHEN w.n > 0 THEN 'claimed' ELSE 'queued' END END,
    nudge_at = CASE h.status
        WHEN 'queued' THEN h.first_queued_at + make_interval(secs => (a.claim_targets ->> h.severity)::float8)
        WHEN 'claimed' THEN h.claimed_at + a.nudge_after END
FROM accounts a, (
    SELECT o.account_id, o.id, min(c.at) AS first, count(c.id)::integer AS n
    FROM handoffs o LEFT JOIN claims c ON c.account_id = o.account_id AND c.handoff_id = o.id AND c.result = 'won'
    GROUP BY o.account_id, o.id) AS w
WHERE a.id = h.account_id AND w.account_id = h.account_id AND w.id = h.id;
ALTER TABLE handoffs ALTER COLUMN claim_by SET NOT NULL;

CREATE TRIGGER keep_clock BEFORE INSERT OR UPDATE ON handoffs FOR EACH ROW EXECUTE FUNCTION keep_clock();

CREATE INDEX handoffs_due ON handoffs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX handoffs_to_enrich ON handoffs (enrich_at) WHERE enrich_at IS NOT NULL;
CREATE INDEX handoffs_by_age ON handoffs (account_id, created_at);
CREATE INDEX claims_lost ON claims (account_id, at) INCLUDE (handoff_id, lost_by_ms) WHERE result = 'lost';

ALTER TABLE messages ADD COLUMN asks boolean NOT NULL DEFAULT false;

-- When somebody last did something in a session, as of now: a statement that waited for a lock would read what was before.
CREATE FUNCTION last_write(p_account uuid, p_session uuid, p_user uuid) RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT e.at FROM events e
            WHERE e.account_id = p_account AND e.room = 'session:' || p_session AND (e.actor ->> 'id')::uuid = p_user
            ORDER BY e.seq DESC LIMIT 1);
END $$;

-- Messages that wait for the assistant's answer.
CREATE TABLE asks (
    account_id uuid NOT NULL,
    message_id uuid NOT NULL,
    session_id uuid NOT NULL,
    asked_by uuid NOT NULL,
    asked_by_name text NOT NULL,
    at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, message_id),
    FOREIGN KEY (account_id, message_id) REFERENCES messages
);
CREATE INDEX asks_of_session ON asks (account_id, session_id);

-- Where an account wants to be told of its handoffs. `seq`: up to which event of the escalations room it was queued.
CREATE TABLE webhooks (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    url text NOT NULL,
    secret text NOT NULL,
    seq bigint NOT NULL,
    failures integer NOT NULL DEFAULT 0,  -- rounds since the receiver last accepted something
    next_at timestamptz NOT NULL DEFAULT now()
);

-- Told in the order of `seq` within a handoff; deleted once the receiver has accepted it.
CREATE TABLE webhook_messages (
    account_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    seq bigint NOT NULL,
    handoff_id uuid NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, seq)
);
CREATE INDEX webhook_messages_of_handoff ON webhook_messages (account_id, handoff_id, seq);
CREATE INDEX webhook_messages_due ON webhook_messages (next_at);

CREATE OR REPLACE FUNCTION handoff_view(h handoffs) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'id', h.id, 'session_id', h.session_id, 'status', h.status, 'version', h.version,
    'fencing_token', h.fencing_token, 'severity', h.severity, 'reason', h.reason, 'ask', h.ask,
    'handed_off_by', person(h.handed_off_by, h.handed_off_by_name), 'handed_off_by_name', h.handed_off_by_name,
    'claimed_by', person(h.claimed_by, h.claimed_by_name), 'claimed_by_name', h.claimed_by_name,
    'claimed_at', wire_time(h.claimed_at), 'first_queued_at', wire_time(h.first_queued_at),
    'created_at', wire_time(h.created_at), 'expires_at', wire_time(h.expires_at),
    'summary_prose', h.package -> 'prose', 'what_we_know', h.package -> 'what_we_know',
    'confidence', h.package -> 'confidence' -> 'label', 'package', h.package)
    || jsonb_build_object(
    'package_rev', h.package_rev, 'package_state', h.package_state, 'has_task_lane', h.has_task_lane,
    'tags', to_jsonb(h.tags), 'claim_by', wire_time(h.claim_by),
    'stale', h.status = 'claimed' AND h.nudges > 1,
    'parent_id', h.parent_id, 'attempt_no', h.attempt_no, 'outcome', h.outcome, 'outcome_note', h.outcome_note,
    'closed_by', person(h.closed_by, h.closed_by_name), 'closed_at', wire_time(h.closed_at));

-- What admins may say of their account.
CREATE FUNCTION account_settings(a accounts) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'version', a.version, 'claim_roles', to_jsonb(a.claim_roles), 'claim_targets_s', a.claim_targets,
    'expires_after_s', extract(epoch FROM a.handoff_ttl)::bigint,
    'nudge_after_s', extract(epoch FROM a.nudge_after)::bigint, 'release_idle', a.release_idle,
    'webhook_url', (SELECT w.url FROM webhooks w WHERE w.account_id = a.id));

-- The handoffs that wait or are in work, without those the caller handed off; only those with the tag, if one is given.
DROP FUNCTION queue_snapshot(uuid, uuid);
CREATE FUNCTION queue_snapshot(p_account uuid, p_user uuid, p_tag text DEFAULT NULL)
RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('handoffs', coalesce(
        json_agg(handoff_view(h) ORDER BY h.severity_rank, h.first_queued_at, h.id), '[]'))
    FROM handoffs h
    WHERE h.account_id = p_account AND h.status IN ('queued', 'claimed') AND h.handed_off_by <> p_user
      AND (p_tag IS NULL OR p_tag = ANY (h.tags))
$$;

-- How often the language model was asked for a better package; also says which try it is that writes one.
ALTER TABLE handoffs ADD COLUMN enrich_tries integer NOT NULL DEFAULT 0;

-- For the figures by person: who won a claim, and from whose hands the handoff went back to the queue.
ALTER TABLE handoffs
    ADD COLUMN claimants uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN returners uuid[] NOT NULL DEFAULT '{}';

CREATE FUNCTION keep_hands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'claimed' THEN
        NEW.claimants := array_remove(OLD.claimants, NEW.claimed_by) || NEW.claimed_by;
    ELSE
        NEW.returners := array_remove(OLD.returners, OLD.claimed_by) || OLD.claimed_by;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_hands BEFORE UPDATE ON handoffs FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND NEW.status IN ('queued', 'claimed')) EXECUTE FUNCTION keep_hands();

UPDATE handoffs h SET claimants = w.claimants, returners = w.returners
FROM (
    SELECT c.account_id, c.handoff_id,
           coalesce(array_agg(DISTINCT c.user_id) FILTER (WHERE c.result = 'won'), '{}') AS claimants,
           coalesce(array_agg(DISTINCT c.user_id) FILTER (
               WHERE coalesce(c.next = 'won', o.status = 'queued' OR o.ended_from = 'queued')), '{}') AS returners
    FROM (
        SELECT account_id, handoff_id, user_id, result,
               lead(result) OVER (PARTITION BY account_id, handoff_id ORDER BY fencing_token) AS next
        FROM claims WHERE result IN ('won', 'assigned')) AS c
    JOIN handoffs o ON o.account_id = c.account_id AND o.id = c.handoff_id
    GROUP BY c.account_id, c.handoff_id) AS w
WHERE h.account_id = w.account_id AND h.id = w.handoff_id;
