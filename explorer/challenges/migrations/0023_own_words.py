"""What somebody wrote in challenges, for himself: of the words of events the web reads back these alone."""

from django.db import migrations

_OWN = """
    CREATE VIEW challenges_own_words WITH (security_barrier) AS
    SELECT e.seq, e.challenge_id AS challenge, e.ordinal, e.type, e.at, y.person_id AS person,
           p.words, p.published_at, p.suppressed_at
    FROM challenges_event e JOIN challenges_party y ON y.id = e.party_id
    JOIN challenges_payload p ON p.sha256 = e.payload_id
    WHERE y.person_id IS NOT NULL AND y.role IN ('challenger', 'joiner', 'respondent')
        AND p.words IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("challenges", "0022_counted_with_names")]

    operations = [migrations.RunSQL(_OWN, "DROP VIEW challenges_own_words")]
