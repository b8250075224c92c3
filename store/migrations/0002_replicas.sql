-- What the replicas of one deployment share: the key under which they seal what they tell each other.
CREATE TABLE deployment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    bus_key bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
);
INSERT INTO deployment DEFAULT VALUES;

-- Finds the oldest events without a look at the others: within the table they stand in about the order of their time.
CREATE INDEX events_by_age ON events USING brin (at);
