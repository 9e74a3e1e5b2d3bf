"""What everybody may read of files that are of an event: what they are called, and where they lie, once
somebody has looked its words through.
"""

from django.db import migrations

_FILE = """
    CREATE VIEW desk_public.challenge_file AS
    SELECT f.challenge_id AS challenge, e.ordinal, f.number, f.type, f.size, f.salted_sha256,
           CASE WHEN p.published_at IS NOT NULL THEN f.name END AS name,
           CASE WHEN p.published_at IS NOT NULL THEN f.sha256 END AS sha256,
           CASE WHEN p.published_at IS NOT NULL THEN f.sent_sha256 END AS sent_sha256,
           CASE WHEN p.published_at IS NOT NULL THEN f.salt END AS salt,
           CASE WHEN p.published_at IS NOT NULL THEN f.stored END AS stored
    FROM challenges_evidencefile f JOIN challenges_event e ON e.seq = f.event_id
    JOIN challenges_payload p ON p.sha256 = e.payload_id
"""


class Migration(migrations.Migration):
    dependencies = [("challenges", "0017_no_statistics_of_files")]

    operations = [migrations.RunSQL(_FILE, "DROP VIEW desk_public.challenge_file")]
