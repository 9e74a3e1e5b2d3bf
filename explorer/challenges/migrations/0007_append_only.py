"""Events are added, and neither changed nor removed. Who owns the table can drop the trigger: it keeps from
mistakes, and what proves the history is the chain of hashes.
"""

from django.db import migrations

_REFUSE = """
    CREATE FUNCTION challenges_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'events of challenges are never changed or removed';
    END $$;
    CREATE TRIGGER challenges_event_append_only BEFORE UPDATE OR DELETE ON challenges_event
        FOR EACH ROW EXECUTE FUNCTION challenges_append_only();
"""
_ALLOW = """
    DROP TRIGGER challenges_event_append_only ON challenges_event;
    DROP FUNCTION challenges_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("challenges", "0006_no_statistics_of_words")]

    operations = [migrations.RunSQL(_REFUSE, _ALLOW)]
