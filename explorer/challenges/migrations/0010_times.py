"""When what comes next of a challenge is due, and when it was first looked at and decided."""

from django.db import migrations, models

# Of those that are there already, as `explorer.rules.deadlines` has it: two business days, two weeks, or when
# the status ends by itself.
_FILL = """
    UPDATE challenges_challenge SET due_ms = (1000 * extract(epoch FROM CASE
        WHEN elapses_at IS NOT NULL THEN elapses_at
        WHEN status = 'screening' THEN entered_at + make_interval(days =>
            CASE extract(dow FROM entered_at AT TIME ZONE 'UTC')
                WHEN 4 THEN 4 WHEN 5 THEN 4 WHEN 6 THEN 3 ELSE 2 END)
        ELSE entered_at + interval '14 days' END))::bigint
    WHERE status NOT IN ('final', 'closed')
"""
_SEEN = """
    UPDATE challenges_challenge c SET
        acknowledged_at = (SELECT min(e.at) FROM challenges_event e
            WHERE e.challenge_id = c.number AND e.type IN ('accept', 'ask', 'refuse')),
        decided_at = (SELECT min(e.at) FROM challenges_event e
            WHERE e.challenge_id = c.number AND e.type = 'decide')
"""
_COLUMNS = """number, ground, rules_sha256, brid, prompt_id, position, scout, model_sha256, provider_sha256,
           snapshot, status, entered_at, elapses_at, is_extended, close_reason, duplicate_of, resolution,
           is_confirmed, has_response, joined, filed_at, changed_at, version,
           CASE WHEN elapses_at <= now() THEN
               CASE status WHEN 'needs-info' THEN 'closed' WHEN 'open' THEN 'review'
                           WHEN 'decided' THEN 'final' ELSE status END
           ELSE status END AS stands"""
_VIEW = f"""
    CREATE OR REPLACE VIEW desk_public.challenge AS
    SELECT {_COLUMNS}, due_ms, acknowledged_at, decided_at FROM challenges_challenge
"""
_BEFORE = f"""
    DROP VIEW desk_public.challenge;
    CREATE VIEW desk_public.challenge AS SELECT {_COLUMNS} FROM challenges_challenge
"""


class Migration(migrations.Migration):
    dependencies = [("challenges", "0009_found_by")]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="due_ms",
            field=models.BigIntegerField(default=9223372036854775807),
        ),
        migrations.AddField(
            model_name="challenge", name="acknowledged_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(model_name="challenge", name="decided_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.RunSQL(_SEEN, migrations.RunSQL.noop),
        migrations.RunSQL(_VIEW, _BEFORE),
    ]
