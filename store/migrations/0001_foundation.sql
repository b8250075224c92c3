-- Every key begins with account_id: a row can neither be named nor referenced from another tenant.

CREATE TABLE log_epoch (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO log_epoch DEFAULT VALUES;

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    claim_roles text[] NOT NULL DEFAULT '{senior,admin}',
    handoff_ttl interval NOT NULL DEFAULT '72 hours',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    account_id uuid NOT NULL REFERENCES accounts,
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'engineer', 'senior', 'admin')),
    email text UNIQUE CHECK (email = lower(email)),
    password_hash text,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE sessions (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    client_name text NOT NULL,
    problem text NOT NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    resolution text,
    created_by uuid NOT NULL,
    created_by_name text NOT NULL,
    created_at timestamptz NOT NULL,
    closed_by uuid,
    closed_by_name text,
    closed_at timestamptz,
    handoff_id uuid,  -- the newest handoff
    escalation_package jsonb,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users,
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX sessions_by_age ON sessions (account_id, created_at DESC, id DESC);

CREATE TABLE messages (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    seq bigint NOT NULL,  -- of the event that told it
    author_id uuid NOT NULL,
    author_name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('note', 'assistant', 'client', 'system')),
    body text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, session_id) REFERENCES sessions
);
CREATE UNIQUE INDEX messages_of_session ON messages (account_id, session_id, seq);

CREATE TABLE tasks (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    seq bigint NOT NULL,  -- of the event that added it; orders the lane
    version integer NOT NULL DEFAULT 1,
    title text NOT NULL,
    detail text,
    state text NOT NULL DEFAULT 'todo' CHECK (state IN ('todo', 'doing', 'done', 'failed', 'skipped')),
    result text,
    created_by uuid NOT NULL,
    created_by_name text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_by uuid NOT NULL,
    updated_by_name text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, session_id) REFERENCES sessions
);
CREATE UNIQUE INDEX tasks_of_session ON tasks (account_id, session_id, seq);

CREATE TABLE handoffs (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'claimed', 'resolved', 'withdrawn', 'expired', 'cancelled')),
    version integer NOT NULL DEFAULT 1,
    fencing_token bigint NOT NULL DEFAULT 0,
    severity text NOT NULL CHECK (severity IN ('critical', 'high', 'normal', 'low')),
    severity_rank smallint NOT NULL
        GENERATED ALWAYS AS (array_position(ARRAY['critical', 'high', 'normal', 'low'], severity)) STORED,
    reason text NOT NULL,
    ask text NOT NULL,
    handed_off_by uuid NOT NULL,
    handed_off_by_name text NOT NULL,
    claimed_by uuid,
    claimed_by_name text,
    claimed_at timestamptz,
    created_at timestamptz NOT NULL,
    first_queued_at timestamptz NOT NULL,
    expires_at timestamptz,
    package jsonb NOT NULL,
    package_rev integer NOT NULL DEFAULT 1,
    package_state text NOT NULL DEFAULT 'builtin' CHECK (package_state IN ('builtin', 'ai', 'failed')),
    has_task_lane boolean NOT NULL,
    started_modes text[] NOT NULL DEFAULT '{}',  -- under the present fencing token
    parent_id uuid,
    attempt_no integer NOT NULL,
    outcome text,
    outcome_note text,
    closed_by uuid,
    closed_by_name text,
    closed_at timestamptz,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, session_id) REFERENCES sessions,
    FOREIGN KEY (account_id, handed_off_by) REFERENCES users,
    FOREIGN KEY (account_id, claimed_by) REFERENCES users,
    FOREIGN KEY (account_id, parent_id) REFERENCES handoffs,
    CONSTRAINT handoffs_owner CHECK (status IN ('queued', 'claimed') AND (status = 'claimed') = (claimed_by IS NOT NULL)
                                     OR status NOT IN ('queued', 'claimed')),
    CONSTRAINT handoffs_expiry CHECK ((status = 'queued') = (expires_at IS NOT NULL)),
    CONSTRAINT handoffs_end CHECK ((status IN ('queued', 'claimed')) = (closed_at IS NULL)),
    CONSTRAINT handoffs_not_self_claimed CHECK (claimed_by <> handed_off_by)
);
CREATE UNIQUE INDEX handoffs_one_active ON handoffs (account_id, session_id) WHERE status IN ('queued', 'claimed');
CREATE INDEX handoffs_queue ON handoffs (account_id, severity_rank, first_queued_at, id)
    WHERE status IN ('queued', 'claimed');
CREATE INDEX handoffs_of_session ON handoffs (account_id, session_id, created_at, id);

-- One row for each decided attempt and each assignment: the memory by which a retry is answered as the first was.
CREATE TABLE claims (
    account_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    handoff_id uuid NOT NULL,
    user_id uuid NOT NULL,
    result text NOT NULL CHECK (result IN ('won', 'assigned', 'replayed', 'lost')),
    fencing_token bigint NOT NULL,
    at timestamptz NOT NULL,
    lost_to jsonb,
    lost_at timestamptz,
    lost_by_ms bigint,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, handoff_id) REFERENCES handoffs,
    CHECK ((result = 'lost') = (lost_to IS NOT NULL))
);
CREATE UNIQUE INDEX claims_one_owner_a_token ON claims (account_id, handoff_id, fencing_token)
    WHERE result IN ('won', 'assigned');

CREATE TABLE rooms (
    account_id uuid NOT NULL,
    name text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (account_id, name)
) WITH (fillfactor = 50);

CREATE TABLE events (
    account_id uuid NOT NULL,
    room text NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor jsonb,
    data jsonb NOT NULL,
    PRIMARY KEY (account_id, room, seq)
);

CREATE TYPE logged_event AS (room text, seq bigint, type text, body text);

-- The next number of each room, and one time for all of them, read after the locks were taken: within a room `seq`
-- is contiguous and follows commit order, and `at` never runs against it. Rooms are locked in the order of their names.
CREATE FUNCTION next_seq(p_account uuid, p_rooms text[])
RETURNS TABLE (room text, seq bigint, at timestamptz) LANGUAGE plpgsql VOLATILE ROWS 2 AS $$
#variable_conflict use_column
DECLARE
    names text[];
    seqs bigint[];
    moment timestamptz;
BEGIN
    WITH taken AS (
        INSERT INTO rooms AS r (account_id, name, seq)
        SELECT p_account, n, 1 FROM unnest(p_rooms) AS n ORDER BY n COLLATE "C"
        ON CONFLICT (account_id, name) DO UPDATE SET seq = r.seq + 1
        RETURNING r.name, r.seq
    )
    SELECT array_agg(t.name), array_agg(t.seq) INTO names, seqs FROM taken t;
    moment := clock_timestamp();
    RETURN QUERY SELECT u.name, u.number, moment FROM unnest(names, seqs) AS u(name, number);
END $$;

CREATE FUNCTION wire_time(t timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE FUNCTION person(id uuid, name text) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN CASE WHEN id IS NOT NULL THEN jsonb_build_object('id', id, 'name', name) END;

CREATE FUNCTION event_body(e events) RETURNS text LANGUAGE sql STABLE
RETURN jsonb_build_object('room', e.room, 'seq', e.seq, 'type', e.type, 'at', wire_time(e.at),
                          'actor', e.actor, 'data', e.data)::text;

CREATE FUNCTION session_view(s sessions) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'id', s.id, 'title', s.title, 'client_name', s.client_name, 'problem', s.problem, 'status', s.status,
    'resolution', s.resolution, 'created_by', person(s.created_by, s.created_by_name),
    'created_at', wire_time(s.created_at), 'closed_by', person(s.closed_by, s.closed_by_name),
    'closed_at', wire_time(s.closed_at), 'escalation_package', s.escalation_package);

CREATE FUNCTION message_view(m messages) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'id', m.id, 'session_id', m.session_id, 'seq', m.seq, 'author', person(m.author_id, m.author_name),
    'kind', m.kind, 'body', m.body, 'at', wire_time(m.at));

CREATE FUNCTION task_view(t tasks) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'id', t.id, 'session_id', t.session_id, 'seq', t.seq, 'version', t.version, 'title', t.title, 'detail', t.detail,
    'state', t.state, 'result', t.result, 'created_by', person(t.created_by, t.created_by_name),
    'created_at', wire_time(t.created_at), 'updated_by', person(t.updated_by, t.updated_by_name),
    'updated_at', wire_time(t.updated_at));

CREATE FUNCTION handoff_view(h handoffs) RETURNS jsonb LANGUAGE sql STABLE
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
    'parent_id', h.parent_id, 'attempt_no', h.attempt_no, 'outcome', h.outcome, 'outcome_note', h.outcome_note,
    'closed_by', person(h.closed_by, h.closed_by_name), 'closed_at', wire_time(h.closed_at));

-- How a handoff ended, in the words of the refusal `closed`. One past its expiry counts as expired, swept or not.
CREATE FUNCTION handoff_end(h handoffs) RETURNS jsonb LANGUAGE sql STABLE
RETURN CASE WHEN h.closed_at IS NOT NULL THEN
    jsonb_build_object('status', h.status, 'at', wire_time(h.closed_at),
                       'by', person(h.closed_by, h.closed_by_name), 'outcome', h.outcome)
ELSE
    jsonb_build_object('status', 'expired', 'at', wire_time(h.expires_at), 'by', NULL, 'outcome', NULL)
END;

-- A session's room as of the calling statement's snapshot; null where the account has no such session.
CREATE FUNCTION session_snapshot(p_account uuid, p_session uuid) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'session', session_view(s),
        'messages', (SELECT coalesce(json_agg(message_view(m) ORDER BY m.seq), '[]')
                     FROM (SELECT * FROM messages
                           WHERE account_id = p_account AND session_id = p_session
                           ORDER BY seq DESC LIMIT 200) AS newest
                     JOIN messages m ON m.account_id = p_account AND m.id = newest.id),
        'tasks', (SELECT coalesce(json_agg(task_view(t) ORDER BY t.seq), '[]')
                  FROM tasks t WHERE t.account_id = p_account AND t.session_id = p_session),
        'handoffs', (SELECT coalesce(json_agg(handoff_view(h) ORDER BY h.created_at, h.id), '[]')
                     FROM handoffs h WHERE h.account_id = p_account AND h.session_id = p_session))
    FROM sessions s WHERE s.account_id = p_account AND s.id = p_session
$$;

-- The handoffs that wait or are in work, without those the caller handed off.
CREATE FUNCTION queue_snapshot(p_account uuid, p_user uuid) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('handoffs', coalesce(
        json_agg(handoff_view(h) ORDER BY h.severity_rank, h.first_queued_at, h.id), '[]'))
    FROM handoffs h
    WHERE h.account_id = p_account AND h.status IN ('queued', 'claimed') AND h.handed_off_by <> p_user
$$;
