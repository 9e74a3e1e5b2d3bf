"""The schemas of the desk, and of what it shows to everybody, made with the index's tables.

An owner who may not make schemas finds them made by somebody else: then there is nothing to do.
"""

from django.db import migrations


def made(schema: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"DO $$ BEGIN IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA {schema}; END IF; END $$",
        migrations.RunSQL.noop,
        hints={"alias": "default"},
    )


class Migration(migrations.Migration):
    dependencies = []

    operations = [made("desk"), made("desk_public")]
