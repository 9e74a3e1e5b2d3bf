"""Records that answer the same messages with the same seed."""

from collections import Counter, defaultdict

import pytest
from django.db import connection

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.peers import COUNTED, LARGEST, MOST, Cluster, Peer, peers_of
from explorer.queries.records.record import Record, record
from explorer.queries.records.rows import Status
from indexer.models import Operation
from indexer.models import Record as Stored
from tests.explorer.queries.every import every_record

pytestmark = pytest.mark.django_db
FIRST = 100_000  # id of the first record that is made here


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
            first, current = said[peer.prompt_id].revisions[0].answer, said[peer.prompt_id].current.answer
            assert first is not None
            assert current is not None
            letters[peer.first].add(first.hash)
            if said[peer.prompt_id].row.status is Status.DELETED:
                assert peer.now is None
            else:
                assert peer.now is not None
                letters[peer.now].add(current.hash)
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
    Stored.objects.filter(chain_id=recorded_chain.id, prompt_id=62).update(answer=b"\x1f" * 32)
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
