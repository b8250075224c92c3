-- That somebody's rights have changed shows in one place, so that replicas need not ask about everybody again and again.
SET LOCAL lock_timeout = '2s';

-- A row for each statement that changed some. Their marks are random, so that no set of them is like an earlier one,
-- whatever is committed first, forgotten, or lost in a failover; and nobody waits for a row of somebody else's.
CREATE TABLE rights_changes (
    mark bigint NOT NULL DEFAULT hashtextextended(gen_random_uuid()::text, 0),
    at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION note_rights_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rights_changes
    SELECT WHERE EXISTS (
        SELECT FROM before b JOIN after a ON a.account_id = b.account_id AND a.id = b.id
        WHERE (a.role, a.disabled_at, a.revoked_at) IS DISTINCT FROM (b.role, b.disabled_at, b.revoked_at));
    RETURN NULL;
END $$;
CREATE TRIGGER note_rights_change AFTER UPDATE ON users REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
