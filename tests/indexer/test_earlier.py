"""An index that an earlier commit made: what is so until its records are made anew, and afterwards."""

import json

import pytest
from django.db import connection
from django.test import Client

from explorer.queries.chain import chains
from explorer.queries.lists import listing
from explorer.queries.records.record import record
from indexer import derive, tasks
from indexer.audit import fsck
from indexer.dapp.completion import completion_of, part_keys
from indexer.dapp.replay import RULES
from indexer.follow import sync
from indexer.management.status import status_of
from indexer.models import Chain, Checkpoint, Count, Generation, Group, Record, Suppression
from indexer.records import erase, fold, generations, hearing
from indexer.store import coverage, locks
from indexer.store.rules import rules_of
from tests.indexer import earlier
from tests.indexer.dapp.test_completion import result
from tests.indexer.earlier import FOLDED
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import AlteredNode, pool_of
from tests.indexer.writing import write

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])


def letters(prompt_id: int) -> str:
    (chain,) = chains.chains()
    return "".join(each.first for each in record(chain, prompt_id).peers)


def alike() -> int:
    generation = Chain.objects.get().generation
    found = Count.objects.filter(of=Count.Of.ALIKE, generation=generation).values_list("count", flat=True)
    return sum(found)


def grown(old: Chain) -> MadeChain:
    """The chain with a block more, which is stored."""
    made = earlier.made()
    made.block(add(result({"content": "New."}), seed=9))
    assert made.brid == bytes(old.brid)
    write(old, made.blocks[FOLDED + 1 :])
    return made


def test_what_an_earlier_version_made_is_shown_as_it_was(old: Chain) -> None:
    (chain,) = chains.chains()
    assert chain.freshness.waits
    assert letters(1) == "AAAABB"  # by the first content alone: five of six say something else, or nothing
    assert letters(8) == "AB"  # by the whole result, with its id
    assert alike() == 0
    assert [each.prompt_id for each in listing.page(chain).rows] == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_nothing_is_folded_onto_it_and_everything_says_so(old: Chain) -> None:
    grown(old)
    digest = bytes(Checkpoint.objects.get().digest)
    sync.fold_all(old)
    assert fold.fold(old) is None
    assert (Checkpoint.objects.get().height, bytes(Checkpoint.objects.get().digest)) == (
        FOLDED,
        digest,
    )
    status = status_of(old)
    assert (status["rules"], status["rules_now"], status["height"]) == (earlier.RULES, RULES, FOLDED)
    assert "manage.py reindex" in status["waits"]
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["notes"] == [f"chain {bytes(old.brid).hex().upper()}: {status['waits']}"]
    page = Client().get("/status").content.decode()
    assert "to be rebuilt" in page
    assert "manage.py reindex" in page
    (told,) = json.loads(Client().get("/api/v1/status").content)["results"]
    assert (told["rules"], told["waits"]) == (earlier.RULES, status["waits"])
    assert [(each.is_of_rules, "reindex" in each.what) for each in fsck.check(old)] == [(True, True)]


def test_a_run_stores_new_blocks_and_folds_none(old: Chain) -> None:
    made = earlier.made()
    made.block(add(result({"content": "New."}), seed=9))
    with pool_of(AlteredNode(made.recording())) as pool:
        totals = sync.sync(old, pool, options=sync.Options(processes=1))
        assert totals.height == FOLDED
        assert [tasks._reach(old, pool, height) for height in (FOLDED, FOLDED + 1)] == [
            True,
            False,
        ]
        assert coverage.covered_to(old.id, after=-1) == FOLDED + 1
        generations.rebuild(old)
        assert sync.sync(old, pool, options=sync.Options(processes=1)).height == FOLDED + 1
    assert [str(each) for each in fsck.check(old)] == []


def test_made_anew_it_is_as_if_this_version_had_made_it(old: Chain) -> None:
    made = grown(old)
    digest = bytes(Checkpoint.objects.get().digest)
    generations.rebuild(old)
    assert (old.heard_to, Generation.objects.get().rules, rules_of(old.id).sentence) == (None, RULES, "")
    assert Checkpoint.objects.get().height == FOLDED + 1
    assert (letters(1), letters(8), alike()) == ("EBCDAA", "AA", 1)
    assert [str(each) for each in fsck.check(old)] == []
    assert "notes" not in Client().get("/readyz").json()
    assert generations.rebuild(old).first_difference is None
    assert bytes(Checkpoint.objects.get().digest) != digest  # a record more
    sync.fold_all(old)
    assert len(made.blocks) == FOLDED + 2


def test_the_digest_of_what_was_folded_does_not_change(old: Chain) -> None:
    digest = bytes(Checkpoint.objects.get().digest)
    done = generations.rebuild(old)
    assert (done.digest, done.first_difference) == (digest, None)


def test_peers_and_groups_go_by_the_old_keys_while_what_was_said_is_read(old: Chain) -> None:
    """An edited record's first answer is looked up among the operations, which may know more by then."""
    hearing.hear(old)
    assert letters(1) == "AAAABB"
    derive.catch_up(old)
    assert (Group.objects.get(number=1).answers, alike()) == (2, 0)


def test_a_part_that_is_hidden_is_in_no_list_before_what_was_said_is_read(old: Chain) -> None:
    said = completion_of(result({"content": None, "refusal": "No."}))
    assert said is not None
    (key,) = part_keys(said)
    shown = {each.prompt_id: each.answer for each in listing.page(chains.chains()[0]).rows}
    assert (shown[8].note, shown[5].text) == ("refused: No.", "Four.")
    erase.suppress(
        Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason="asked", by="operator"
    )
    shown = {each.prompt_id: each.answer for each in listing.page(chains.chains()[0]).rows}
    assert (shown[8].text, shown[8].note, shown[8].reason) == ("", "", "asked")
    assert shown[5].text == "Four."


def test_a_chain_of_which_nothing_was_folded_is_read_before_it_is(old: Chain) -> None:
    for table in (Record, Checkpoint, Generation):
        table.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE indexer_revision, indexer_owner, indexer_blockdigest, indexer_group,"
            " indexer_groupanswer, indexer_count, indexer_rollup, indexer_derivationcheckpoint"
        )
    assert fold.fold(old) is None
    assert rules_of(old.id).differ
    generations.rebuild(old)
    assert letters(1) == "EBCDAA"
    with connection.cursor() as cursor:
        assert locks.hold_build(cursor, old.id)
        locks.release_build(cursor, old.id)
