"""Between which heights the blocks of each day lie, also of days that are rolled up already."""

from django.db import migrations, models

_FILL = """
    UPDATE indexer_rollup r SET first_height = f.first, last_height = f.last
    FROM (
        SELECT v.chain_id, v.generation, b.timestamp / 86400000 - (b.timestamp % 86400000 < 0)::int AS day,
               min(b.height) AS first, max(b.height) AS last
        FROM indexer_revision v
        JOIN indexer_block b ON b.chain_id = v.chain_id AND b.height = v.position >> 20
        JOIN indexer_derivationcheckpoint d
            ON d.chain_id = v.chain_id AND d.generation = v.generation AND d.name = 'rollups'
                AND d.height >= b.height
        GROUP BY 1, 2, 3
    ) f
    WHERE f.chain_id = r.chain_id AND f.generation = r.generation AND f.day = r.day
"""


class Migration(migrations.Migration):
    dependencies = [("indexer", "0022_reasoning")]

    operations = [
        migrations.AddField(
            model_name="rollup", name="first_height", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(model_name="rollup", name="last_height", field=models.BigIntegerField(null=True)),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
