from django.db import migrations

# A default is only what stands where nothing is stated: who may add events could date them back.
# Nor is it the time of the statement, which may have begun long before.
FORWARD = """
CREATE FUNCTION audit_state_time() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_time_of_the_database BEFORE INSERT ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_state_time();
"""
BACKWARD = """
DROP TRIGGER audit_time_of_the_database ON audit_auditevent;
DROP FUNCTION audit_state_time();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_chain")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
