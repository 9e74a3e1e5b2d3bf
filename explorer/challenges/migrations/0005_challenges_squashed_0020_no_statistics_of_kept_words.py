"""Challenges as 0005 to 0020 leave them, for a database that has none yet.

A column lies where those put it, so that every database has the same order. What they did to rows that were
there is left out: here are none.
"""

import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform

# No statistics may hold what a person wrote, or a hash of it without its salt: it must be gone when it is
# erased.
_NO_STATISTICS = {
    "challenges_draft": ("fields", "statement"),
    "challenges_party": ("name",),
    "challenges_payload": ("salt", "words"),
    "challenges_evidencefile": ("name", "salt", "sha256", "sent_sha256"),
    "challenges_keptwords": ("typed",),
}
# Events are added, and neither changed nor removed: see 0007.
_APPEND_ONLY = """
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
_REPORTS = [
    ("page", "a problem with a page"),
    ("personal-data", "personal data"),
    ("secret-exposed", "a secret in the open"),
    ("unlawful-or-harmful", "something unlawful or harmful"),
]
# What everybody may read. `stands` is the status with what happened by itself since: see
# `explorer.rules.deadlines`.
_CHALLENGE = """
    CREATE VIEW desk_public.challenge AS
    SELECT number, ground, rules_sha256, brid, prompt_id, position, scout, model_sha256, provider_sha256,
           snapshot, status, entered_at, elapses_at, is_extended, close_reason, duplicate_of, resolution,
           is_confirmed, has_response, joined, filed_at, changed_at, version,
           CASE WHEN elapses_at <= now() THEN
               CASE status WHEN 'needs-info' THEN 'closed' WHEN 'open' THEN 'review'
                           WHEN 'decided' THEN 'final' ELSE status END
           ELSE status END AS stands, due_ms, acknowledged_at, decided_at
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


def _id() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _uuid() -> models.UUIDField:
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


def _without_statistics(table: str, columns: tuple[str, ...]) -> migrations.RunSQL:
    altered = ", ".join(f"ALTER COLUMN {column} SET STATISTICS 0" for column in columns)
    return migrations.RunSQL(f"ALTER TABLE {table} {altered}", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    replaces = [
        ("challenges", name)
        for name in (
            "0005_challenges",
            "0006_no_statistics_of_words",
            "0007_append_only",
            "0008_public_views",
            "0009_found_by",
            "0010_times",
            "0011_time_indexes",
            "0012_sent_once",
            "0013_notices",
            "0014_report_kinds",
            "0015_counted",
            "0016_evidence_files",
            "0017_no_statistics_of_files",
            "0018_public_files",
            "0019_kept_words",
            "0020_no_statistics_of_kept_words",
        )
    ]

    dependencies = [
        ("challenges", "0004_desk"),
        ("desk", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            "Payload",
            [
                ("sha256", models.BinaryField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(null=True)),
                ("facts", models.JSONField()),
                ("words", models.JSONField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("suppressed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            "Challenge",
            [
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("draft", models.UUIDField(unique=True)),
                ("ground", models.TextField()),
                ("rules_sha256", models.BinaryField()),
                ("brid", models.BinaryField()),
                ("prompt_id", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("scout", models.BigIntegerField()),
                ("model_sha256", models.BinaryField()),
                ("provider_sha256", models.BinaryField()),
                ("snapshot", models.JSONField()),
                ("status", models.TextField()),
                ("entered_at", models.DateTimeField()),
                ("elapses_at", models.DateTimeField(null=True)),
                ("is_extended", models.BooleanField(default=False)),
                ("close_reason", models.TextField(default="")),
                ("duplicate_of", models.BigIntegerField(null=True)),
                ("resolution", models.TextField(default="")),
                ("is_confirmed", models.BooleanField(default=False)),
                ("has_response", models.BooleanField(default=False)),
                ("joined", models.IntegerField(default=0)),
                ("filed_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
                ("due_ms", models.BigIntegerField(default=2**63 - 1)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            status__in=["appealed", "decided", "needs-info", "open", "review", "screening"]
                        ),
                        fields=("brid", "prompt_id", "ground"),
                        name="challenge_pending_once",
                    )
                ],
                "indexes": [
                    models.Index(fields=["brid", "prompt_id"], name="challenge_record"),
                    models.Index(fields=["brid", "scout"], name="challenge_scout"),
                    models.Index(
                        condition=models.Q(elapses_at__isnull=False),
                        fields=["elapses_at"],
                        name="challenge_elapses",
                    ),
                    models.Index(
                        condition=~models.Q(resolution=""),
                        fields=["brid", "resolution", "prompt_id"],
                        name="challenge_resolved",
                    ),
                    models.Index(fields=["brid", "model_sha256"], name="challenge_model"),
                    models.Index(fields=["brid", "provider_sha256"], name="challenge_provider"),
                    models.Index(KeyTextTransform("prompt_key", "snapshot"), name="challenge_prompt"),
                    models.Index(models.F("due_ms") * -1, models.F("number"), name="challenge_due"),
                    models.Index(
                        fields=["ground", "status"],
                        include=("elapses_at", "resolution", "close_reason", "is_confirmed", "filed_at"),
                        name="challenge_counted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Draft",
            [
                ("id", _uuid()),
                ("brid", models.BinaryField()),
                ("prompt_id", models.BigIntegerField()),
                ("revision", models.IntegerField(null=True)),
                ("ground", models.TextField(default="")),
                ("fields", models.JSONField(default=dict)),
                ("statement", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "challenge",
                    models.ForeignKey("challenges.challenge", models.CASCADE, null=True, related_name="+"),
                ),
                (
                    "person",
                    models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"),
                ),
            ],
        ),
        migrations.CreateModel(
            "Party",
            [
                ("id", _id()),
                ("role", models.TextField()),
                ("place", models.IntegerField()),
                ("name", models.TextField()),
                (
                    "challenge",
                    models.ForeignKey("challenges.challenge", models.PROTECT, related_name="parties"),
                ),
                (
                    "person",
                    models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("challenge", "role", "place"), name="party_once"),
                    models.UniqueConstraint(
                        condition=models.Q(person__isnull=False),
                        fields=("challenge", "role", "person"),
                        name="party_person_once",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            "Event",
            [
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ordinal", models.IntegerField()),
                ("type", models.TextField()),
                ("actor_ref", models.TextField()),
                ("prev_event_sha256", models.BinaryField()),
                ("sha256", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "challenge",
                    models.ForeignKey("challenges.challenge", models.PROTECT, related_name="events"),
                ),
                ("party", models.ForeignKey("challenges.party", models.PROTECT, null=True, related_name="+")),
                ("payload", models.ForeignKey("challenges.payload", models.PROTECT, related_name="+")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("challenge", "ordinal"), name="event_once")],
                "indexes": [
                    models.Index(
                        condition=models.Q(type="suppress"), fields=["challenge"], name="event_suppress"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "SentOnce",
            [
                ("id", _id()),
                ("key_sha256", models.BinaryField()),
                ("sent_sha256", models.BinaryField()),
                ("answer", models.JSONField(default=dict)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "key_sha256"), name="sent_once")]
            },
        ),
        migrations.CreateModel(
            "Notice",
            [
                ("id", _uuid()),
                ("occasion", models.TextField()),
                ("about", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("party", models.ForeignKey("challenges.party", models.PROTECT, related_name="notices")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("party", "occasion", "about"), name="notice_once")
                ]
            },
        ),
        migrations.CreateModel(
            "EvidenceFile",
            [
                ("id", _id()),
                ("number", models.IntegerField(null=True)),
                ("name", models.TextField()),
                ("type", models.TextField()),
                ("size", models.IntegerField()),
                ("salt", models.BinaryField(null=True)),
                ("sha256", models.BinaryField(null=True)),
                ("sent_sha256", models.BinaryField(null=True)),
                ("stored", models.TextField()),
                ("salted_sha256", models.BinaryField()),
                ("added_at", models.DateTimeField()),
                (
                    "challenge",
                    models.ForeignKey(
                        "challenges.challenge", models.PROTECT, null=True, related_name="files"
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey("challenges.draft", models.CASCADE, null=True, related_name="files"),
                ),
                (
                    "event",
                    models.ForeignKey("challenges.event", models.PROTECT, null=True, related_name="files"),
                ),
                (
                    "person",
                    models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(number__isnull=False),
                        fields=("challenge", "number"),
                        name="evidence_file_once",
                    )
                ],
                "indexes": [
                    models.Index(fields=["stored"], name="evidence_file_stored"),
                    models.Index(
                        condition=models.Q(event__isnull=True),
                        fields=["added_at"],
                        name="evidence_file_waiting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "KeptWords",
            [
                ("id", _uuid()),
                ("path", models.TextField()),
                ("typed", models.JSONField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"),
                ),
            ],
        ),
        migrations.AlterField("report", "kind", models.TextField(choices=_REPORTS)),
        *(_without_statistics(table, columns) for table, columns in _NO_STATISTICS.items()),
        migrations.RunSQL(_APPEND_ONLY, _ALLOW),
        migrations.RunSQL(_CHALLENGE, "DROP VIEW desk_public.challenge"),
        migrations.RunSQL(_EVENT, "DROP VIEW desk_public.challenge_event"),
        migrations.RunSQL(_HISTORY, "DROP VIEW desk_public.challenge_history"),
        migrations.RunSQL(_FILE, "DROP VIEW desk_public.challenge_file"),
    ]
