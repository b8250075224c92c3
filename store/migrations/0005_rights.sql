-- That somebody's rights have changed is one number, so that replicas need not ask about everybody again and again.

CREATE TABLE rights_changes (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    n bigint NOT NULL DEFAULT 0
);
INSERT INTO rights_changes DEFAULT VALUES;

CREATE FUNCTION count_rights_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rights_changes SET n = n + 1;
    RETURN NULL;
END $$;
-- After the statement's own locks, which are many: the counter is locked last.
CREATE TRIGGER count_rights_change AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.role, OLD.disabled_at, OLD.revoked_at) IS DISTINCT FROM (NEW.role, NEW.disabled_at, NEW.revoked_at))
    EXECUTE FUNCTION count_rights_change();
