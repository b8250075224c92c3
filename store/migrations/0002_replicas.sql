-- What the replicas of one deployment share: the key under which they seal what they tell each other.
CREATE TABLE deployment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    bus_key bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
);
INSERT INTO deployment DEFAULT VALUES;

-- Tokens issued before it are refused. The role is that of the newest token, whichever is shown last.
ALTER TABLE users ADD COLUMN revoked_at timestamptz, ADD COLUMN role_as_of timestamptz;

-- Finds the oldest events. A BRIN index would not for long: its ranges only widen, and pages of forgotten events are used again.
CREATE INDEX events_by_age ON events (at);
