"""How large values are kept: bodies are compressed already, and no statistics may hold a text."""

from django.db import migrations

TEXTS = [("prompt", "text"), ("prompt", "raw"), ("answer", "text"), ("answer", "raw")]


class Migration(migrations.Migration):
    dependencies = [("indexer", "0001_facts")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE indexer_blockbody ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE indexer_blockbody ALTER COLUMN body SET STORAGE EXTENDED",
        ),
        migrations.RunSQL(
            "ALTER TABLE indexer_blockbody ALTER COLUMN body SET STATISTICS 0",
            "ALTER TABLE indexer_blockbody ALTER COLUMN body SET STATISTICS -1",
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE indexer_{table} ALTER COLUMN {column} SET STATISTICS 0",
                f"ALTER TABLE indexer_{table} ALTER COLUMN {column} SET STATISTICS -1",
            )
            for table, column in TEXTS
        ),
    ]
