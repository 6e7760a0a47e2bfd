from django.db import migrations

# Row triggers see UPDATE and DELETE; TRUNCATE needs triggers of its own. A row beyond the number
# of products that the edition was published with would be one added later.
FORWARD = """
CREATE FUNCTION catalogue_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published editions are final' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION catalogue_refuse_late_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position NOT BETWEEN 1 AND (
        SELECT item_count FROM catalogue_catalogueedition WHERE id = NEW.edition_id
    ) THEN
        RAISE EXCEPTION 'published editions are final' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalogue_edition_final_row BEFORE UPDATE OR DELETE ON catalogue_catalogueedition
    FOR EACH ROW EXECUTE FUNCTION catalogue_refuse_change();
CREATE TRIGGER catalogue_edition_final_table BEFORE TRUNCATE ON catalogue_catalogueedition
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_refuse_change();
CREATE TRIGGER catalogue_edition_item_final_row BEFORE UPDATE OR DELETE ON catalogue_editionitem
    FOR EACH ROW EXECUTE FUNCTION catalogue_refuse_change();
CREATE TRIGGER catalogue_edition_item_final_table BEFORE TRUNCATE ON catalogue_editionitem
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_refuse_change();
CREATE TRIGGER catalogue_edition_item_not_late BEFORE INSERT ON catalogue_editionitem
    FOR EACH ROW EXECUTE FUNCTION catalogue_refuse_late_item();
"""
BACKWARD = """
DROP TRIGGER catalogue_edition_item_not_late ON catalogue_editionitem;
DROP TRIGGER catalogue_edition_item_final_table ON catalogue_editionitem;
DROP TRIGGER catalogue_edition_item_final_row ON catalogue_editionitem;
DROP TRIGGER catalogue_edition_final_table ON catalogue_catalogueedition;
DROP TRIGGER catalogue_edition_final_row ON catalogue_catalogueedition;
DROP FUNCTION catalogue_refuse_late_item();
DROP FUNCTION catalogue_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
