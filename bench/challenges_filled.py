"""Very many challenges in the tables of the installation that STATE names, set at once.

They are whole but for hashes: what reads them cannot tell them from filed ones, what checks them can.
"""

import json
import os
import sys

import django

_CHALLENGES = """
    INSERT INTO desk.challenges_challenge (number, draft, ground, rules_sha256, brid, prompt_id, position,
        scout, model_sha256, provider_sha256, snapshot, status, entered_at, elapses_at, due_ms, is_extended,
        close_reason, duplicate_of, resolution, is_confirmed, has_response, joined, filed_at, acknowledged_at,
        decided_at, changed_at, version)
    SELECT %(year)s * 1000000000::bigint + n, gen_random_uuid(), ground, %(rules)s, brid, prompt_id, position,
           scout, model, provider, %(snapshot)s::jsonb || jsonb_build_object('prompt_key', prompt,
               'prompt_id', prompt_id), status, at, CASE WHEN status IN ('needs-info', 'open', 'decided')
               THEN at + interval '14 days' END,
           CASE WHEN status IN ('final', 'closed') THEN 9223372036854775807
                ELSE (extract(epoch FROM at + interval '14 days') * 1000)::bigint END,
           false, CASE WHEN status = 'closed' THEN (ARRAY['withdrawn', 'spam', 'out-of-scope'])[1 + n %% 3]
               ELSE '' END,
           NULL, CASE WHEN status IN ('decided', 'appealed', 'final') THEN
               (ARRAY['upheld', 'partly-upheld', 'not-upheld', 'inconclusive'])[1 + n %% 4] ELSE '' END,
           n %% 5 = 0, n %% 2 = 0, n %% 3, at - interval '2 days', at - interval '1 day',
           CASE WHEN status IN ('decided', 'appealed', 'final') THEN at END, at, 4
    FROM (
        SELECT n, r.*, CASE WHEN n %% 10 < 4 AND is_first THEN
                   (ARRAY['screening', 'open', 'review', 'decided', 'appealed', 'needs-info'])[1 + n %% 6]
                   WHEN n %% 10 < 8 THEN 'final' ELSE 'closed' END AS status,
               now() - (n %% 13) * interval '1 day' AS at
        FROM generate_series(1, %(count)s) n
        CROSS JOIN LATERAL (
            SELECT g.brid, g.prompt_id, g.position, g.scout, g.model, g.provider, g.prompt,
                   (%(grounds)s::text[])[1 + (n / g.total) %% %(kinds)s] AS ground,
                   n <= g.total * %(kinds)s AS is_first
            FROM bench_records g WHERE g.at = n %% g.total) r
    ) c
"""
_RECORDS = """
    CREATE TEMPORARY TABLE bench_records AS
    SELECT row_number() OVER (ORDER BY r.position) - 1 AS at, count(*) OVER () AS total, h.brid, r.prompt_id,
           r.position, r.scout, m.hash AS model, p.hash AS provider, upper(encode(r.prompt, 'hex')) AS prompt
    FROM indexer_record r JOIN indexer_chain h ON h.id = r.chain_id AND h.generation = r.generation
    JOIN indexer_name m ON m.id = r.model_id JOIN indexer_name p ON p.id = r.provider_id;
    CREATE UNIQUE INDEX ON bench_records (at); ANALYZE bench_records
"""
_PARTIES = """
    INSERT INTO desk.challenges_party (challenge_id, role, place, name)
    SELECT number, 'challenger', 1, 'made-up-' || number FROM desk.challenges_challenge
"""
_PAYLOADS = """
    INSERT INTO desk.challenges_payload (sha256, salt, facts, words, published_at)
    SELECT sha256((number || '.' || o)::bytea), sha256(o::text::bytea),
           CASE o WHEN 4 THEN '{"resolution": "upheld", "deciders": ["arbiter-1"]}' ELSE '{}' END::jsonb,
           jsonb_build_object('statement', repeat('What stands now is not what was said. ', 10)), now()
    FROM desk.challenges_challenge, generate_series(1, 4) o
"""
_EVENTS = """
    INSERT INTO desk.challenges_event (seq, challenge_id, ordinal, type, actor_ref, party_id, payload_id,
        prev_event_sha256, sha256, at)
    SELECT row_number() OVER (ORDER BY number, o), number, o, (ARRAY['file', 'accept', 'respond', 'join'])[o],
           'challenger-1', p.id, sha256((number || '.' || o)::bytea), sha256('a'), sha256('b'), c.filed_at
    FROM desk.challenges_challenge c JOIN desk.challenges_party p ON p.challenge_id = c.number,
         generate_series(1, 4) o
"""


def fill(count: int) -> int:
    """Write so many; gives the year that their numbers begin with."""
    from django.db import connection
    from django.utils import timezone

    from explorer.challenges.target import Target, questioned
    from explorer.queries.chain.chains import chains
    from explorer.rules import registry

    year, chain = timezone.now().year, chains()[0]
    snapshot = questioned(Target(chain.brid, 1)).snapshot().as_json()
    grounds = [each.name for each in registry.public()]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE desk.challenges_challenge, desk.challenges_payload CASCADE")
        cursor.execute(_RECORDS)
        cursor.execute(
            _CHALLENGES,
            {"year": year, "count": count, "grounds": grounds, "kinds": len(grounds),
             "rules": bytes.fromhex(registry.sha256_hex()), "snapshot": json.dumps(snapshot)},
        )  # fmt: skip
        for statement in (_PARTIES, _PAYLOADS, _EVENTS):
            cursor.execute(statement.replace("%", "%%") if "%" in statement else statement)
        for name in ("challenge", "party", "payload", "event"):
            cursor.execute(f"VACUUM ANALYZE desk.challenges_{name}")
    return year


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from local.supervision.command import prepared_database

    with prepared_database():
        print(fill(int(sys.argv[1])))
