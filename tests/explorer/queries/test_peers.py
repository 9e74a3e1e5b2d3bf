"""Records that answer the same messages with the same seed."""

from collections import Counter, defaultdict

import pytest

from explorer.queries import records
from explorer.queries.chains import ChainView
from explorer.queries.peers import LARGEST, MOST, Cluster, Peer, peers_of
from explorer.queries.records import Record, Status
from indexer.models import Operation
from indexer.models import Record as Stored
from tests.explorer.queries.every import every_record

pytestmark = pytest.mark.django_db


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
    key = records.record(recorded_chain, 1).prompt
    Stored.objects.filter(chain_id=recorded_chain.id, prompt_id=2).update(prompt=key[:6] + b"\x00" * 26)
    assert 2 not in {each.prompt_id for each in records.record(recorded_chain, 1).peers}


def test_a_record_alone_has_itself_for_a_peer(recorded_chain: ChainView) -> None:
    alone = next(each for each in every_record(recorded_chain) if each.peer_count == 1)
    assert alone.peers == [Peer(alone.row.prompt_id, alone.row.scout, "A", alone.peers[0].now)]
