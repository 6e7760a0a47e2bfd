"""The chain: every event is linked, at commit, to the one committed before it.

A lock taken when an event is inserted would deadlock transactions that touch two objects in
different order, and a number drawn before the lock breaks the order. So the link is made when
nothing else is left to do: the trigger of the event is deferred to the commit, and what it inserts
has a deferred trigger of its own, which therefore runs after every foreign key of the transaction
has been checked. There the lock is taken and held for the moment that a commit takes.

Both functions run as their owner: the role of the site may not write the chain itself.
"""

from django.db import migrations

FORWARD = """
-- The bytes that the hash covers. Never change it: what is chained must stay verifiable; a further
-- column wants a further function for the events from then on.
CREATE FUNCTION audit_entry(e audit_auditevent) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT convert_to(jsonb_build_array(
        e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        e.actor_kind, e.actor_user_id, e.actor_label, e.token_id, e.organization_id, e.verb,
        e.object_type, e.object_id, e.details, e.before, e.after, e.address, e.request_id
    )::text, 'UTF8')
$$;

CREATE FUNCTION audit_hash(previous bytea, e audit_auditevent) RETURNS bytea
    LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(coalesce(previous, decode(repeat('00', 32), 'hex')) || audit_entry(e))
$$;

CREATE FUNCTION audit_append_link() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_auditlink (event_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION audit_close_link() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE head audit_auditlink;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit chain', 0));
    SELECT * INTO head FROM audit_auditlink WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
    UPDATE audit_auditlink SET
        seq = coalesce(head.seq, 0) + 1,
        hash = (SELECT audit_hash(head.hash, e) FROM audit_auditevent e WHERE e.id = NEW.event_id)
    WHERE event_id = NEW.event_id;
    RETURN NULL;
END $$;

-- What was written before there was a chain comes first, in its order.
DO $$
DECLARE e audit_auditevent; previous bytea; number bigint := 0;
BEGIN
    FOR e IN SELECT * FROM audit_auditevent ORDER BY id LOOP
        previous := audit_hash(previous, e);
        number := number + 1;
        INSERT INTO audit_auditlink (event_id, seq, hash) VALUES (e.id, number, previous);
    END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;

CREATE CONSTRAINT TRIGGER audit_append_link AFTER INSERT ON audit_auditevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_append_link();
CREATE CONSTRAINT TRIGGER audit_close_link AFTER INSERT ON audit_auditlink
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_close_link();
-- A link is closed once.
CREATE TRIGGER audit_link_final_row BEFORE UPDATE OR DELETE ON audit_auditlink
    FOR EACH ROW WHEN (OLD.seq IS NOT NULL) EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_link_final_table BEFORE TRUNCATE ON audit_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
BACKWARD = """
DROP TRIGGER audit_link_final_table ON audit_auditlink;
DROP TRIGGER audit_link_final_row ON audit_auditlink;
DROP TRIGGER audit_close_link ON audit_auditlink;
DROP TRIGGER audit_append_link ON audit_auditevent;
DROP FUNCTION audit_close_link();
DROP FUNCTION audit_append_link();
DROP FUNCTION audit_hash(bytea, audit_auditevent);
DROP FUNCTION audit_entry(audit_auditevent);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_who_where_and_digests")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
