"""One record with all that is known of it."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explorer.queries.chain import blocks
from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.chain.evidence import ProofStatus
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import PageRequest
from explorer.queries.db.texts import Snippet
from explorer.queries.lists import listing
from explorer.queries.records.record import Record as RecordView
from explorer.queries.records.record import record
from explorer.queries.records.rows import LONGEST
from explorer.queries.records.states import Status
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.follow import sync
from indexer.models import Chain, ConfigurationStanding, Record
from indexer.postchain import gtx
from indexer.postchain.gtv import Gtv
from indexer.postchain.gtx import Operation
from indexer.postchain.times import moment
from indexer.records import generations
from indexer.records.state import state_at
from tests.devnet.grown import grown
from tests.explorer.queries.every import every_record, walked
from tests.indexer.dapp import memory
from tests.indexer.dapp.plain import Row
from tests.indexer.made import MadeChain, add
from tests.indexer.postchain import recorded
from tests.indexer.writing import row_of, write

pytestmark = pytest.mark.django_db
FOUR, ONE = "four-validators", "one-validator"
MOST_QUERIES = 9  # of one record, four for the answers of its peers; the page asks for the chains besides


def as_a_node_answers(found: RecordView) -> dict[str, Any]:
    """The struct of the dapp's query."""
    row = found.row
    return {
        "UID": row.scout,
        "created_at": row.created_at,
        "messages": normal(found.messages.value or ""),
        "model": row.model,
        "prompt_id": row.prompt_id,
        "provider": row.provider,
        "result": found.state,
        "seed": row.seed,
    }


def normal(text: str) -> str:
    try:
        return rell_json.normalise(text)
    except rell_json.NotJson:
        return text


def first_written(name: str) -> dict[int, Row]:
    """Every record of a recorded chain as it was added."""
    found: dict[int, Row] = {}
    for rows in memory.plainly(name).states:
        for row in rows:
            found.setdefault(row.prompt_id, row)
    return found


# One record


def test_the_live_records_are_what_the_node_stated_at_the_end(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for chain, name in ((recorded_chain, FOUR), (one_validator_chain, ONE)):
        live = [each for each in every_record(chain) if each.row.status is not Status.DELETED]
        newest_first = sorted(live, key=lambda each: (-each.row.created_at, each.row.prompt_id))
        assert [as_a_node_answers(each) for each in newest_first] == list(recorded.lines(name, "state"))


def test_the_live_records_of_a_toured_chain_are_its_state(toured_chain: ChainView) -> None:
    stored = Chain.objects.get(id=toured_chain.id)
    expected = {each.prompt_id: each for each in state_at(stored, toured_chain.freshness.height)}
    for found in every_record(toured_chain):
        if found.row.status is Status.DELETED:
            assert found.row.prompt_id not in expected
            assert found.state is None
        else:
            assert as_a_node_answers(found) == expected[found.row.prompt_id].as_query_answers()


def test_every_revision_of_every_record_is_there_in_its_order(recorded_chain: ChainView) -> None:
    plain = memory.plainly(FOUR)
    found = [
        (revision.position, each.row.prompt_id, revision.kind)
        for each in every_record(recorded_chain)
        for revision in each.revisions
    ]
    expected = [(each.position, each.prompt_id, each.kind) for each in plain.changes]
    assert sorted(found) == sorted(expected)
    for each in every_record(recorded_chain):
        assert [revision.number for revision in each.revisions] == [*range(1, each.row.revisions + 1)]
        assert [revision.position for revision in each.revisions] == sorted(
            revision.position for revision in each.revisions
        )


def test_texts_are_the_arguments_as_they_were_signed(recorded_chain: ChainView) -> None:
    said = {}
    for block in recorded.blocks(FOUR):
        position = block.height << 20
        for tx in block.transactions:
            for index, operation in enumerate(gtx.decode(tx.data, version=1).operations):
                said[position] = (tx.rid, block, index, operation)
                position += 1
    for found in every_record(recorded_chain):
        for revision in found.revisions:
            rid, block, index, operation = said[revision.position]
            assert (revision.transaction_rid, revision.block_rid) == (rid, block.rid)
            assert (revision.operation, revision.kind) == (index, operation.name)
            assert (revision.height, revision.at) == (block.height, moment(block.timestamp))
            if operation.name == "add_prompt_history":
                assert found.messages.value == (said_messages := str(operation.arguments[1]))
                assert found.messages.hash == signed_hash(said_messages)
            if "delete" in operation.name:
                assert (revision.answer, revision.result) == (None, None)
            else:
                at = 2 if operation.name == "add_prompt_history" else 1
                assert revision.result is not None
                assert revision.result.value == (said_result := str(operation.arguments[at]))
                assert revision.result.hash == signed_hash(said_result)


def test_the_answer_is_the_content_string_or_the_whole_result_with_the_reason(
    toured_chain: ChainView,
) -> None:
    reasons = set()
    for found in every_record(toured_chain):
        for revision in found.revisions:
            if revision.result is None or revision.answer is None:
                continue
            read = rell_json.content_of(revision.result.value or "")
            reasons.add(revision.reason)
            assert revision.reason == (read.reason or "")
            assert revision.answer.value == (read.normal if read.content is None else read.content)
            assert revision.answer.length == len(revision.answer.value or "")
    assert reasons >= {"", "no-choices", "no-message", "no-content", "content-is-not-text", "not-an-object"}


def test_the_hash_of_an_answer_is_the_key_under_which_it_is_kept(recorded_chain: ChainView) -> None:
    for found in every_record(recorded_chain):
        stored = Record.objects.get(chain_id=recorded_chain.id, prompt_id=found.row.prompt_id)
        assert found.current.answer is not None
        assert found.current.answer.hash == bytes(stored.answer)
        assert found.prompt == bytes(stored.prompt)


def test_what_was_edited_shows_both_and_what_was_deleted_its_last_text(recorded_chain: ChainView) -> None:
    first = first_written(FOUR)
    statuses = set()
    for found in every_record(recorded_chain):
        statuses.add(found.row.status)
        assert found.revisions[0].result is not None
        assert found.row.revisions == len(found.revisions)
        if found.row.prompt_id in first:
            added = first[found.row.prompt_id]
            assert (found.row.scout, found.row.seed, found.row.created_at) == (
                added.uid,
                added.seed,
                added.created_at,
            )
        if found.row.status is Status.DELETED:
            assert found.revisions[-1].result is None
            assert found.current.result is not None
        else:
            assert found.current is found.revisions[-1]
    assert statuses == set(Status)


def test_the_writers_are_the_owners_of_their_time(recorded_chain: ChainView) -> None:
    plain = memory.plainly(FOUR)
    owners = [(-1, memory.owner_of(FOUR)), *plain.owners]
    for found in every_record(recorded_chain):
        expected = [[key for at, key in owners if at < revision.position][-1] for revision in found.revisions]
        assert [each.owner for each in found.revisions] == expected
        assert found.writers == list(dict.fromkeys(expected))
        assert all(writer in each.signers for writer, each in zip(expected, found.revisions, strict=True))
    assert len({writer for each in every_record(recorded_chain) for writer in each.writers}) > 1


def test_blocks_under_signers_that_one_node_stated_say_so(
    recorded_chain: ChainView, one_validator_chain: ChainView
) -> None:
    for found in every_record(recorded_chain):
        for revision in found.revisions:
            proved = revision.height < 30
            assert (revision.evidence.standing is ProofStatus.ON_CHAIN) is proved
            assert bool(revision.evidence.why) is not proved
    for found in every_record(one_validator_chain):
        for revision in found.revisions:
            assert (revision.evidence.standing, revision.evidence.why) == (ProofStatus.ON_CHAIN, "")
            assert (revision.evidence.signed, revision.evidence.needed) == (1, 1)


def test_a_record_that_is_not_here_is_told_which_are(recorded_chain: ChainView) -> None:
    for prompt_id in (0, -1, recorded_chain.records + 1, 2**63 - 1, 2**63, 10**40):
        with pytest.raises(NotHere, match=f"ids go from 1 to {recorded_chain.records}"):
            record(recorded_chain, prompt_id)


def test_an_id_that_was_given_out_by_what_is_not_understood_is_said_to_be() -> None:
    made = MadeChain()
    made.block(add(), Operation("add_prompt_history", (1, "[]", "{}", 2, "m", "p", "more")), add())
    row = row_of(made)
    write(row, made.blocks)
    sync.fold_all(row)
    chain = chain_with(made.brid)
    assert [each.prompt_id for each in listing.page(chain).rows] == [3, 1]
    with pytest.raises(NotHere, match="Record 2 cannot be shown: its id was given out by an operation"):
        record(chain, 2)
    with pytest.raises(NotHere, match="ids go from 1 to 3"):
        record(chain, 4)


def test_one_record_costs_a_fixed_number_of_queries(
    toured_chain: ChainView,
    recorded_chain: ChainView,
) -> None:
    for chain in (toured_chain, recorded_chain):
        for prompt_id in range(1, chain.records + 1, 3):
            with CaptureQueriesContext(connection) as asked:
                found = record(chain, prompt_id)
            assert len(asked) <= MOST_QUERIES + (found.tallies is not None)  # where peers are too many


def test_a_reader_that_knew_the_chain_before_a_reindex_sees_the_new_generation(
    one_validator_chain: ChainView,
) -> None:
    before = [record(one_validator_chain, prompt_id) for prompt_id in range(1, 6)]
    generations.rebuild(Chain.objects.get(id=one_validator_chain.id))
    assert Record.objects.filter(chain_id=one_validator_chain.id).first().generation != 1  # type: ignore[union-attr]
    assert [record(one_validator_chain, prompt_id) for prompt_id in range(1, 6)] == before
    assert listing.latest([one_validator_chain])


# Hostile content


def test_the_row_of_a_record_is_the_row_of_the_list_but_for_how_peers_agree(
    toured_chain: ChainView, recorded_chain: ChainView
) -> None:
    for chain in (toured_chain, recorded_chain):
        listed = {each.prompt_id: replace(each, agreement=None) for each in walked(chain)}
        for found in every_record(chain):
            in_list = listed[found.row.prompt_id]
            if found.messages.length <= LONGEST:
                assert found.row == in_list
            else:
                assert found.row.answer == in_list.answer
                assert in_list.prompt in (found.row.prompt, Snippet("", cut=True))


def test_the_whole_of_an_enormous_text_is_given_with_its_length(toured_chain: ChainView) -> None:
    found = max(
        every_record(toured_chain), key=lambda each: each.current.answer.length if each.current.answer else 0
    )
    assert found.current.answer is not None
    assert found.current.answer.length == len(found.current.answer.value or "") == 1_000_000
    assert max(each.messages.length for each in every_record(toured_chain)) > 200_000
    longest = max(every_record(toured_chain), key=lambda each: each.messages.length)
    assert longest.conversation is not None
    assert len(longest.conversation) == 5_000


def test_every_model_name_comes_back_as_it_was_signed(toured_chain: ChainView) -> None:
    signed: dict[int, tuple[Gtv, ...]] = {}
    node = grown()
    for block in node.dapp.store.blocks():
        for tx in block.transactions:
            for operation in gtx.decode(tx.data, version=1).operations:
                if operation.name == "add_prompt_history":
                    signed[len(signed) + 1] = operation.arguments[4:]
    node.close()
    assert {
        each.row.prompt_id: (each.row.model, each.row.provider) for each in every_record(toured_chain)
    } == signed


def test_a_time_that_no_calendar_has_is_shown_all_the_same(one_validator_chain: ChainView) -> None:
    Record.objects.filter(prompt_id=1).update(created_at=2**63 - 1)
    assert record(one_validator_chain, 1).row.at.year == 9999


def test_a_row_has_the_time_of_its_block(recorded_chain: ChainView) -> None:
    for row in listing.page(recorded_chain, request=PageRequest(limit=100)).rows:
        assert row.block_at == blocks.at_height(recorded_chain, row.height).at
        assert record(recorded_chain, row.prompt_id).row == row


def test_a_configuration_that_is_not_assessed_yet_is_said_to_be_so(one_validator_chain: ChainView) -> None:
    ConfigurationStanding.objects.filter(height=0).update(standing=ConfigurationStanding.Standing.PENDING)
    found = record(one_validator_chain, 1)
    assert found.revisions[0].evidence.standing is ProofStatus.ON_CHAIN_BY_STATED_SIGNERS
    assert "not settled yet" in found.revisions[0].evidence.why
