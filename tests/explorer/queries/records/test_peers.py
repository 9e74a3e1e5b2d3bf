"""Records that answer the same messages with the same seed."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.peers import COUNTED, LARGEST, LOOKED_AT, MOST, Cluster, Peer, Peers, peers_of
from explorer.queries.records.record import Record, record
from explorer.queries.records.states import Status
from indexer.models import DerivationCheckpoint, Operation
from indexer.models import Record as Stored
from tests.explorer.queries.every import every_record

pytestmark = pytest.mark.django_db
FIRST = 100_000  # id of the first record that is made here
PROMPT = b"\x01" * 32
A, B, C, D, LATE = (bytes([each]) * 32 for each in range(10, 15))
SAID = """
    SELECT r.*, coalesce(o.answer, r.answer) AS at_first, CASE WHEN r.status < 3 THEN r.answer END AS now
    FROM indexer_record r
    LEFT JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.position WHERE r.prompt = %s
"""
GROUP = """
    INSERT INTO indexer_group
        (chain_id, generation, number, prompt, seed, records, live, answers, answers_now)
    SELECT chain_id, generation, min(prompt_id), prompt, seed, count(*), count(now),
           count(DISTINCT at_first), count(DISTINCT now)
    FROM said GROUP BY chain_id, generation, prompt, seed
"""
GROUP_ANSWERS = """
    INSERT INTO indexer_groupanswer (chain_id, generation, number, answer, first, now)
    SELECT chain_id, generation, (SELECT min(prompt_id) FROM said), answer, sum(first), sum(now) FROM (
        SELECT chain_id, generation, at_first AS answer, 1 AS first, 0 AS now FROM said
        UNION ALL SELECT chain_id, generation, now, 0, 1 FROM said WHERE now IS NOT NULL
    ) each GROUP BY chain_id, generation, answer
"""


def test_peers_are_the_records_with_equal_messages_and_seed(each_chain: ChainView) -> None:
    groups: dict[tuple[bytes, int], list[Record]] = defaultdict(list)
    for each in every_record(each_chain):
        groups[each.prompt, each.row.seed].append(each)
    for group in groups.values():
        for each in group:
            assert each.peer_count == len(group)
            if len(group) <= MOST:
                assert [peer.prompt_id for peer in each.peers] == [peer.row.prompt_id for peer in group]
                assert [peer.scout for peer in each.peers] == [peer.row.scout for peer in group]


def test_equal_answers_share_a_letter_and_others_do_not(each_chain: ChainView) -> None:
    said = {each.row.prompt_id: each for each in every_record(each_chain)}
    for each in said.values():
        letters: dict[str, set[bytes]] = defaultdict(set)
        for peer in each.peers:
            first, current = said[peer.prompt_id].revisions[0].key, said[peer.prompt_id].current.key
            assert first is not None
            assert current is not None
            letters[peer.first].add(first)
            if said[peer.prompt_id].row.status is Status.DELETED:
                assert peer.now is None
            else:
                assert peer.now is not None
                letters[peer.now].add(current)
        assert all(len(hashes) == 1 for hashes in letters.values())
        assert len({hashed for hashes in letters.values() for hashed in hashes}) == len(letters)
        counted = Counter(peer.first for peer in each.peers)
        assert [counted[letter] for letter in "ABC"] == sorted(
            (counted[letter] for letter in "ABC"), reverse=True
        )


def test_of_many_peers_some_are_listed_and_the_record_itself_among_them(toured_chain: ChainView) -> None:
    largest = max(every_record(toured_chain), key=lambda each: (each.peer_count, each.row.prompt_id))
    assert largest.peer_count > MOST
    ids = [each.prompt_id for each in largest.peers]
    assert len(ids) == MOST
    assert ids == sorted(ids)
    assert ids[-1] == largest.row.prompt_id


def test_of_many_peers_every_answer_is_tallied(toured_chain: ChainView) -> None:
    for each in every_record(toured_chain):
        assert (each.tallies is None) == (each.peer_count <= MOST)
        for tally in each.tallies or ():
            shown = [cluster.count for cluster in tally.clusters]
            assert sum(shown) + tally.others + tally.deleted == each.peer_count
            assert shown == sorted(shown, reverse=True)


def test_tallies_hold_the_largest_clusters_and_that_of_the_record(recorded_chain: ChainView) -> None:
    """Of 70 records, 31 to 60 are alone, the others agree; then 61 is deleted and 62 says what 31 does."""
    for each in Stored.objects.filter(chain_id=recorded_chain.id, prompt_id__lte=70):
        answer = each.prompt_id if 31 <= each.prompt_id <= 60 else 0
        each.prompt, each.seed, each.answer, each.status = b"\x01" * 32, 5, bytes([answer]) * 32, 1
        each.save(update_fields=["prompt", "seed", "answer", "status"])
        Operation.objects.filter(chain_id=recorded_chain.id, position=each.position).update(
            answer=each.answer
        )
    Stored.objects.filter(chain_id=recorded_chain.id, prompt_id=61).update(status=3)
    Stored.objects.filter(chain_id=recorded_chain.id, prompt_id=62).update(answer=b"\x1f" * 32, status=2)
    found = peers_of(recorded_chain.id, prompt_id=60, prompt=b"\x01" * 32, seed=5)
    assert (found.count, len(found.listed)) == (70, MOST)
    assert found.tallies is not None
    first, now = found.tallies
    assert first.clusters[0] == Cluster("A", 40, 1, has_this=False)
    assert [each.has_this for each in first.clusters] == [False] * LARGEST + [True]
    assert (first.clusters[-1].prompt_id, first.others, first.deleted) == (60, 30 - LARGEST, 0)
    assert [(each.letter, each.count) for each in now.clusters[:2]] == [("A", 38), ("B", 2)]
    assert now.deleted == 1


def test_records_of_other_chains_and_generations_take_nobody_s_place(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    alike(recorded_chain, range(FIRST, FIRST + 2 * MOST))
    for chain, generation in (
        (recorded_chain, recorded_chain.generation + 1),
        (one_validator_chain, one_validator_chain.generation),
    ):
        alike(chain, range(FIRST - COUNTED // 2, FIRST + COUNTED // 2), generation=generation)
    found = peers_of(recorded_chain.id, prompt_id=FIRST + 70, prompt=b"\x01" * 32, seed=5)
    assert (found.count, found.is_exact) == (2 * MOST, True)
    assert [each.prompt_id for each in found.listed] == [*range(FIRST, FIRST + MOST - 1), FIRST + 70]
    assert found.tallies is not None
    assert [sum(each.count for each in tally.clusters) for tally in found.tallies] == [2 * MOST] * 2


@pytest.mark.parametrize("more", [0, 1, 7])
def test_of_more_than_are_counted_it_is_said_so(recorded_chain: ChainView, more: int) -> None:
    alike(recorded_chain, range(FIRST, FIRST + COUNTED + more))
    last = FIRST + COUNTED + more - 1
    found = peers_of(recorded_chain.id, prompt_id=last, prompt=b"\x01" * 32, seed=5)
    assert (found.count, found.is_exact) == (COUNTED, more == 0)
    assert (found.listed[0].prompt_id, found.listed[-1].prompt_id) == (FIRST, last)
    assert found.tallies is not None
    for tally in found.tallies:
        assert tally.clusters == [Cluster("A", COUNTED, FIRST, has_this=True)]


def alike(chain: ChainView, ids: range, *, generation: int | None = None) -> None:
    """Copies of a chain's first record with these ids, all with one prompt, one seed and one answer."""
    columns = "scout, created_at, revised_position, model_id, provider_id, revisions, status, answer"
    copy = f"""
        INSERT INTO indexer_record (chain_id, generation, position, prompt_id, prompt, seed, {columns})
        SELECT chain_id, %s, n::int8 << 20, n, %s, 5, {columns}
        FROM indexer_record, generate_series(%s, %s) AS s (n)
        WHERE chain_id = %s AND generation = %s AND prompt_id = 1
    """
    mine = chain.generation if generation is None else generation
    with connection.cursor() as cursor:
        cursor.execute(copy, [mine, b"\x01" * 32, ids[0], ids[-1], chain.id, chain.generation])


# Figures that are kept

KEPT = LOOKED_AT + 500


def grouped(chain: ChainView, count: int) -> None:
    """As ``alike``, so many, with their group's figures. Each seventh record gives B, the fourth alone C. The
    tenth was edited from D, which nobody else says, to A, and the eleventh is deleted.
    """
    alike(chain, range(FIRST, FIRST + count))
    group = Stored.objects.filter(chain_id=chain.id, prompt=PROMPT)
    group.update(status=1, answer=A)
    group.alias(rank=(F("prompt_id") - FIRST) % 7).filter(rank=6).update(answer=B)
    group.filter(prompt_id=FIRST + 3).update(answer=C)
    group.filter(prompt_id=FIRST + 9).update(status=2)
    group.filter(prompt_id=FIRST + 10).update(status=3)
    operation = Operation.objects.filter(chain_id=chain.id).exclude(answer=None).latest("position")
    for number, answer in ((9, D), (10, A)):
        operation.position, operation.answer = (FIRST + number) << 20, answer
        operation.save(force_insert=True)
    regroup()


def regroup() -> None:
    """The figures of the group, from its records."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM indexer_groupanswer WHERE number = %s", [FIRST])
        cursor.execute("DELETE FROM indexer_group WHERE prompt = %s", [PROMPT])
        cursor.execute(f"WITH said AS ({SAID}) {GROUP}", [PROMPT])
        cursor.execute(f"WITH said AS ({SAID}) {GROUP_ANSWERS}", [PROMPT])


def both_ways(chain: ChainView, prompt_id: int) -> tuple[Peers, Peers]:
    """What is said of the peers from the figures that are kept, and from the records."""
    found = peers_of(chain.id, prompt_id=prompt_id, prompt=PROMPT, seed=5)
    DerivationCheckpoint.objects.filter(chain_id=chain.id, name="groups").update(height=F("height") - 1)
    counted = peers_of(chain.id, prompt_id=prompt_id, prompt=PROMPT, seed=5)
    DerivationCheckpoint.objects.filter(chain_id=chain.id, name="groups").update(height=F("height") + 1)
    return found, counted


@pytest.mark.parametrize("number", [0, 3, 6, 9, 10, 59, 60, LOOKED_AT + 1, KEPT - 1])
def test_figures_that_are_kept_say_the_same_as_the_records(recorded_chain: ChainView, number: int) -> None:
    grouped(recorded_chain, KEPT)
    found, counted = both_ways(recorded_chain, FIRST + number)
    assert found == counted
    assert (found.count, found.is_exact) == (KEPT, True)


@pytest.mark.parametrize("number", [0, 3, COUNTED + 99])
def test_more_than_are_counted_are_all_told_where_figures_are_kept(
    recorded_chain: ChainView, number: int
) -> None:
    grouped(recorded_chain, COUNTED + 100)
    found, counted = both_ways(recorded_chain, FIRST + number)
    assert (found.count, found.is_exact) == (COUNTED + 100, True)
    assert (counted.count, counted.is_exact) == (COUNTED, False)
    assert found.listed == counted.listed
    assert found.tallies is not None
    for tally in found.tallies:
        assert sum(each.count for each in tally.clusters) + tally.others + tally.deleted == found.count
        assert [each.prompt_id - FIRST for each in tally.clusters][:2] == [0, 6]
    assert [tally.deleted for tally in found.tallies] == [0, 1]


def test_an_answer_that_is_first_given_late_is_counted_one_by_one(recorded_chain: ChainView) -> None:
    grouped(recorded_chain, KEPT)
    late = Stored.objects.get(chain_id=recorded_chain.id, prompt_id=FIRST + LOOKED_AT + 200)
    Stored.objects.filter(pk=late.pk).update(answer=LATE)
    regroup()
    for number in (0, LOOKED_AT + 200, KEPT - 1):
        found, counted = both_ways(recorded_chain, FIRST + number)
        assert found == counted
        assert found.tallies is not None
        clusters = {each.prompt_id: each for each in found.tallies[0].clusters}
        assert clusters[late.prompt_id].count == 1
        assert clusters[late.prompt_id].has_this is (number == LOOKED_AT + 200)


@pytest.mark.parametrize("number", [0, KEPT - 1])
def test_of_very_many_different_answers_no_more_are_counted_than_are_looked_at(
    recorded_chain: ChainView, number: int
) -> None:
    grouped(recorded_chain, KEPT)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE indexer_record SET answer = sha256(prompt_id::text::bytea) WHERE prompt = %s", [PROMPT]
        )
    regroup()
    found, counted = both_ways(recorded_chain, FIRST + number)
    assert (counted.count, counted.is_exact) == (KEPT, True)
    assert (found.count, found.is_exact) == (LOOKED_AT, False)
    assert found.tallies is not None
    (this,) = (each for each in found.tallies[0].clusters if each.has_this)
    assert (this.count, this.prompt_id) == (1, FIRST + number)
    assert [each.prompt_id for each in found.listed] == [each.prompt_id for each in counted.listed]


@pytest.mark.parametrize("statistics", ["none", "before growth", "after growth"])
def test_few_rows_are_read_of_a_group_whose_figures_are_kept(
    recorded_chain: ChainView, statistics: str
) -> None:
    if statistics == "before growth":
        take_statistics()
    grouped(recorded_chain, COUNTED)
    if statistics == "after growth":
        take_statistics()
    if statistics == "none":
        forget_statistics()
    with CaptureQueriesContext(connection) as asked:
        peers_of(recorded_chain.id, prompt_id=FIRST, prompt=PROMPT, seed=5)
    assert len(asked) == 3
    with connection.cursor() as cursor:
        for each in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {each['sql']}")
            ((plan,),) = cursor.fetchall()
            assert most_rows(plan[0]["Plan"]) <= LOOKED_AT


READ = "indexer_record", "indexer_operation", "indexer_group", "indexer_groupanswer"


def take_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(READ)}")


def forget_statistics() -> None:
    """As of tables of which none were ever taken."""
    with connection.cursor() as cursor:
        for each in READ:
            cursor.execute("DELETE FROM pg_statistic WHERE starelid = %s::regclass", [each])
            cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE oid = %s::regclass", [each])


def most_rows(plan: dict[str, Any]) -> float:
    """The most rows that any step of a plan reads."""
    own: float = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return max([own, *map(most_rows, plan.get("Plans", ()))])


def test_letters_go_on_after_z(recorded_chain: ChainView) -> None:
    stored = list(Stored.objects.filter(chain_id=recorded_chain.id).order_by("prompt_id")[:40])
    for number, each in enumerate(stored):
        each.prompt, each.seed, each.answer = b"\x01" * 32, 5, bytes([number]) * 32
        each.save(update_fields=["prompt", "seed", "answer"])
    found = peers_of(recorded_chain.id, prompt_id=1, prompt=b"\x01" * 32, seed=5)
    assert found.count == 40
    letters = {each.now for each in found.listed} - {None}
    assert {"AA", "AB"} <= letters


def test_keys_that_begin_alike_are_not_taken_for_the_same(recorded_chain: ChainView) -> None:
    key = record(recorded_chain, 1).prompt
    Stored.objects.filter(chain_id=recorded_chain.id, prompt_id=2).update(prompt=key[:6] + b"\x00" * 26)
    assert 2 not in {each.prompt_id for each in record(recorded_chain, 1).peers}


def test_a_record_alone_has_itself_for_a_peer(recorded_chain: ChainView) -> None:
    alone = next(each for each in every_record(recorded_chain) if each.peer_count == 1)
    assert alone.peers == [Peer(alone.row.prompt_id, alone.row.scout, "A", alone.peers[0].now)]
