"""What is derived, worked out the plain way: one revision after the other, from the rows of the fold."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection

from indexer.models import Chain

Key = tuple[bytes, int]  # prompt and seed

_REVISIONS = """
    SELECT v.prompt_id, v.kind, v.position, r.prompt, r.seed, coalesce(o.answer, ''), b.timestamp
    FROM indexer_revision v
    JOIN indexer_record r USING (chain_id, generation, prompt_id)
    JOIN indexer_operation o ON o.chain_id = v.chain_id AND o.position = v.position
    JOIN indexer_block b ON b.chain_id = v.chain_id AND b.height = v.position >> 20
    WHERE v.chain_id = %s AND v.generation = %s ORDER BY v.position, v.prompt_id
"""


@dataclass(slots=True)
class Member:
    """A record of a group: its answer at first, and now unless it was deleted."""

    first: bytes
    now: bytes | None
    edited: bool = False


@dataclass(slots=True)
class Derived:
    """The groups with their members by prompt id, and [written, edits, deletions] of each day."""

    groups: dict[Key, dict[int, Member]] = field(default_factory=lambda: defaultdict(dict))
    days: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))


def derived(chain: Chain) -> Derived:
    """Everything of the generation that readers see."""
    found = Derived()
    for prompt_id, kind, answer, key, day in _revisions(chain):
        members = found.groups[key]
        if kind == 1:
            members[prompt_id] = Member(answer, answer)
        elif kind == 2:
            members[prompt_id].now, members[prompt_id].edited = answer, True
        else:
            members[prompt_id].now = None
        found.days[day][min(kind, 3) - 1] += 1
    return found


def group_rows(found: Derived) -> set[tuple[int, bytes, int, int, int, int, int]]:
    """As ``stored_groups``."""
    return {
        (
            min(members),
            *key,
            len(members),
            sum(each.now is not None for each in members.values()),
            len({each.first for each in members.values()}),
            len({each.now for each in members.values()} - {None}),
        )
        for key, members in found.groups.items()
    }


def answer_rows(found: Derived) -> set[tuple[int, bytes, int, int]]:
    """As ``stored_answers``."""
    rows = set()
    for members in found.groups.values():
        first = Counter(each.first for each in members.values())
        now = Counter(each.now for each in members.values() if each.now is not None)
        rows |= {(min(members), each, first[each], now[each]) for each in first | now}
    return rows


def counts(found: Derived) -> dict[str, int]:
    """The figures that follow from revisions."""
    members = [each for group in found.groups.values() for each in group.values()]
    shared = [group for group in found.groups.values() if len(group) > 1]
    return {
        "records": len(members),
        "edited": sum(each.edited and each.now is not None for each in members),
        "deleted": sum(each.now is None for each in members),
        "groups": len(found.groups),
        "shared": len(shared),
        "alike": sum(len({each.first for each in group.values()}) == 1 for group in shared),
    }


def _revisions(chain: Chain) -> Iterator[tuple[int, int, bytes, Key, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_REVISIONS, [chain.id, chain.generation])
        for prompt_id, kind, _, prompt, seed, answer, timestamp in cursor.fetchall():
            yield prompt_id, kind, bytes(answer), (bytes(prompt), seed), timestamp // 86_400_000
