"""What everybody may read of challenges. `stands` is the status with what happened by itself since: see
`explorer.rules.deadlines`.
"""

from django.db import migrations

_CHALLENGE = """
    CREATE VIEW desk_public.challenge AS
    SELECT number, ground, rules_sha256, brid, prompt_id, position, scout, model_sha256, provider_sha256,
           snapshot, status, entered_at, elapses_at, is_extended, close_reason, duplicate_of, resolution,
           is_confirmed, has_response, joined, filed_at, changed_at, version,
           CASE WHEN elapses_at <= now() THEN
               CASE status WHEN 'needs-info' THEN 'closed' WHEN 'open' THEN 'review'
                           WHEN 'decided' THEN 'final' ELSE status END
           ELSE status END AS stands
    FROM challenges_challenge
"""
_EVENT = """
    CREATE VIEW desk_public.challenge_event AS
    SELECT e.seq, e.challenge_id AS number, e.ordinal, e.type, e.actor_ref, e.at, e.prev_event_sha256,
           e.sha256, e.payload_id AS payload_sha256, a.role, a.place, a.name, p.facts,
           CASE WHEN p.published_at IS NOT NULL THEN p.words END AS words,
           CASE WHEN p.published_at IS NOT NULL THEN p.salt END AS salt,
           p.published_at, p.suppressed_at
    FROM challenges_event e JOIN challenges_payload p ON p.sha256 = e.payload_id
    LEFT JOIN challenges_party a ON a.id = e.party_id
"""

_HISTORY = "CREATE VIEW desk_public.challenge_history AS SELECT last FROM desk_sequence WHERE name = 'event'"


def view(name: str, made: str) -> migrations.RunSQL:
    return migrations.RunSQL(made, f"DROP VIEW desk_public.{name}")


class Migration(migrations.Migration):
    dependencies = [("challenges", "0007_append_only"), ("desk", "0001_tables")]

    operations = [
        view("challenge", _CHALLENGE),
        view("challenge_event", _EVENT),
        view("challenge_history", _HISTORY),
    ]
