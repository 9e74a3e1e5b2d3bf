"""The fold, held to what nodes said of their state and to a second, plain reading of the rules."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dapp import rell_json
from indexer.dapp.replay import Breach, Revision, height_of, position_of
from indexer.postchain import secp256k1
from indexer.postchain.gtv import BigInteger
from tests.indexer.dapp import memory, plain
from tests.indexer.dapp.plain import PlainChain, Said
from tests.indexer.postchain import recorded

OWNER = secp256k1.public_key(b"\x01" * 32)
NEXT = secp256k1.public_key(b"\x02" * 32)
BRID = bytes.fromhex("AB" * 32)


def folded(chain: str) -> list[tuple[Any, list[Revision | Breach], dict[int, Any], bytes, bytes | None]]:
    """What the package holds after each block of a recorded chain."""
    blocks = [(memory.calls(block), block.timestamp) for block in recorded.blocks(chain)]
    return [
        (replay, outcomes, dict(ledger.live), replay.digest, replay.owner)
        for replay, outcomes, ledger in memory.fold(
            blocks, brid=recorded.brid(chain), owner=memory.owner_of(chain)
        )
    ]


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_folding_a_recorded_chain_gives_each_state_that_its_node_stated(chain: str) -> None:
    states = folded(chain)
    for stated in recorded.story(chain)["states"]:
        _, _, live, _, owner = states[stated["height"]]
        rows = sorted(live.values(), key=lambda each: (-each.created_at, each.prompt_id))
        assert len(rows) == stated["count"], stated["label"]
        assert (rows[0].prompt_id if rows else 0) == stated["latest"]
        assert [each.prompt_id for each in rows] == stated["order"]
        assert {str(each.prompt_id): each.created_at for each in rows} == stated["created_at"]
        assert owner is not None
        assert owner.hex().upper() == stated["owner"]


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_folding_a_recorded_chain_breaks_no_rule(chain: str) -> None:
    outcomes = [each for _, block, *_ in folded(chain) for each in block]
    assert [each for each in outcomes if isinstance(each, Breach)] == []
    adds = [each for each in outcomes if isinstance(each, Revision) and each.kind == "add_prompt_history"]
    assert len(adds) == recorded.story(chain)["adds"]


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_a_plain_reading_of_the_rules_gives_the_node_s_final_state_text_for_text(chain: str) -> None:
    rows = [
        {
            "UID": row.uid,
            "created_at": row.created_at,
            "messages": rell_json.normalise(row.messages),
            "model": row.model,
            "prompt_id": row.prompt_id,
            "provider": row.provider,
            "result": rell_json.normalise(row.result),
            "seed": row.seed,
        }
        for row in memory.plainly(chain).states[-1]
    ]
    assert rows == list(recorded.lines(chain, "state"))


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_the_digest_is_that_of_the_plain_reading_after_every_block(chain: str) -> None:
    again = memory.plainly(chain)
    digest = recorded.brid(chain)
    for height, (_, outcomes, _, found, _) in enumerate(folded(chain)):
        digest = again.digests.get(height, digest)
        assert found == digest
        assert (height in again.digests) == any(isinstance(each, Revision) for each in outcomes)
    assert len(again.digests) > 20


def test_the_digest_begins_with_the_chain_s_rid_and_moves_as_the_design_says() -> None:
    """DER by hand, so that the two readings cannot drift together."""
    item = (
        bytes.fromhex("A58184308181")
        + bytes.fromhex("A2140C12")
        + b"add_prompt_history"
        + bytes.fromhex("A303020100 A303020101 A303020100 A303020107 A303020103")
        + bytes.fromhex("A2030C016D A2030C0170")
        + bytes.fromhex("A1220420")
        + sha256(b"[]").digest()
        + bytes.fromhex("A1220420")
        + sha256(b"{}").digest()
    )
    chain = PlainChain(BRID, OWNER)
    said = Said("add_prompt_history", (7, "[]", "{}", BigInteger(3), "m", "p"), (OWNER,))
    (replay, _, _), *_ = memory.fold([([said], 5)], brid=BRID, owner=OWNER)
    chain.block([said], at=5)
    assert replay.digest == sha256(BRID + item).digest()
    assert chain.digest == replay.digest


# Rules


def run(
    *blocks: list[Said], times: list[int] | None = None
) -> tuple[list[list[Revision | Breach]], list[int]]:
    """The outcomes of each block, and the live ids after the last, lowest first."""
    at = times or [1000 * (number + 1) for number in range(len(blocks))]
    states = list(memory.fold(list(zip(blocks, at, strict=True)), brid=BRID, owner=OWNER))
    return [outcomes for _, outcomes, _ in states], sorted(states[-1][2].live)


def add(count: int = 1) -> list[Said]:
    return [Said("add_prompt_history", (1, "[]", "{}", 2, "m", "p"), (OWNER,))] * count


def said(name: str, *arguments: Any, signers: tuple[bytes, ...] = (OWNER,)) -> Said:
    return Said(name, arguments, signers)


def test_records_of_block_0_are_created_at_0_and_later_ones_at_the_block_before() -> None:
    outcomes, _ = run(add(2), [], add(1), times=[100, 250, 300])
    created = [each.record.created_at for block in outcomes for each in block if isinstance(each, Revision)]
    assert created == [0, 0, 250]


def test_a_batch_deletion_takes_the_newest_block_first_and_there_the_lowest_ids() -> None:
    outcomes, live = run(
        add(0), add(80), add(80), [said("batch_delete_prompt_histories", 0, 10_000)], times=[1, 2, 3, 4]
    )
    gone = [each.record.prompt_id for each in outcomes[3] if isinstance(each, Revision)]
    assert gone == [*range(1, 21), *range(81, 161)]
    assert live == [*range(21, 81)]


def test_a_batch_deletion_leaves_what_was_created_at_its_very_start_and_end() -> None:
    _, live = run(
        add(0), add(1), add(1), add(1), [said("batch_delete_prompt_histories", 1, 3)], times=[1, 2, 3, 4, 5]
    )
    assert live == [1, 3]


def test_ids_are_never_given_again() -> None:
    outcomes, live = run(add(2), [said("delete_prompt_history", 2)], add(1))
    assert live == [1, 3]
    assert [each.kind for each in outcomes[1] if isinstance(each, Revision)] == ["delete_prompt_history"]


@pytest.mark.parametrize("name", ["update_prompt_history", "delete_prompt_history"])
@pytest.mark.parametrize("prompt_id", [0, -1, 2, 99, 2**63 - 1])
def test_a_record_that_is_not_there_is_a_finding_and_changes_nothing(name: str, prompt_id: int) -> None:
    arguments = (prompt_id, "{}") if name.startswith("update") else (prompt_id,)
    outcomes, live = run(add(2), [said("delete_prompt_history", 2)], [said(name, *arguments)])
    assert live == [1]
    (finding,) = outcomes[2]
    assert isinstance(finding, Breach)
    assert finding.rule == "record-exists"
    assert finding.position == position_of(2, 0)


def test_a_deleted_record_cannot_be_updated_within_its_block() -> None:
    outcomes, live = run(add(1), [said("delete_prompt_history", 1), said("update_prompt_history", 1, "{}")])
    assert live == []
    assert isinstance(outcomes[1][1], Breach)


def test_who_is_not_the_owner_is_a_finding_and_the_operation_counts_all_the_same() -> None:
    outcomes, live = run([said("add_prompt_history", 1, "[]", "{}", 2, "m", "p", signers=(NEXT,))])
    assert [type(each) for each in outcomes[0]] == [Breach, Revision]
    assert live == [1]


@pytest.mark.parametrize(
    "name", ["nop", "timeb", "__begin_block", "validate_user_with_no_operation", "note_prompt"]
)
def test_an_operation_without_effect_needs_no_owner(name: str) -> None:
    outcomes, _ = run([said(name, 1, None, signers=())])
    assert outcomes == [[]]


def test_a_new_owner_governs_later_operations_of_the_same_transaction() -> None:
    change = said("change_owner", NEXT.hex(), signers=(OWNER, NEXT))
    by_old = said("add_prompt_history", 1, "[]", "{}", 2, "m", "p", signers=(OWNER,))
    by_both = said("add_prompt_history", 1, "[]", "{}", 2, "m", "p", signers=(OWNER, NEXT))
    outcomes, _ = run([change, by_both, by_old])
    rules = [each.rule for each in outcomes[0] if isinstance(each, Breach)]
    assert rules == ["owner-signs"]


def test_a_new_owner_who_did_not_sign_is_a_finding() -> None:
    outcomes, _ = run([said("change_owner", NEXT, signers=(OWNER,))])
    assert [each.rule for each in outcomes[0] if isinstance(each, Breach)] == ["next-owner-signs"]


def test_an_add_whose_arguments_cannot_be_read_gives_out_an_id_all_the_same() -> None:
    more = said("add_prompt_history", 1, "[]", "{}", 2, "m", "p", "and one more")
    outcomes, live = run(add(), [more], [said("add_prompt_history", None)], add())
    assert live == [1, 4]
    assert [each for block in outcomes[1:3] for each in block] == [
        Breach(
            position_of(height, 0),
            "arguments-not-known",
            "add_prompt_history",
            "the arguments of add_prompt_history are not those known here",
        )
        for height in (1, 2)
    ]


@pytest.mark.parametrize(
    "name", ["update_prompt_history", "delete_prompt_history", "batch_delete_prompt_histories"]
)
def test_other_arguments_of_a_known_operation_are_a_finding_and_change_nothing(name: str) -> None:
    outcomes, live = run(add(), [said(name, 1, 2, 3)])
    assert live == [1]
    assert [each.rule for each in outcomes[1] if isinstance(each, Breach)] == ["arguments-not-known"]


def test_an_owner_who_came_by_arguments_that_cannot_be_read_is_unknown() -> None:
    change = said("change_owner", NEXT, "because")
    by_next = said("add_prompt_history", 1, "[]", "{}", 2, "m", "p", signers=(NEXT,))
    outcomes, live = run([change, by_next])
    assert live == [1]
    assert [each.rule for each in outcomes[0] if isinstance(each, Breach)] == ["arguments-not-known"]


def test_an_unknown_owner_is_nobody_s_fault() -> None:
    states = list(memory.fold([(add(1), 1)], brid=BRID, owner=None))
    assert [type(each) for each in states[0][1]] == [Revision]


def test_a_position_tells_its_height() -> None:
    assert [height_of(position_of(height, 2**20 - 1)) for height in (0, 1, 2**40)] == [0, 1, 2**40]


# Any sequence of operations

IDS = st.integers(0, 12)
TIMES = st.integers(0, 8)
TEXTS = st.sampled_from(["{}", "[]", "no JSON", '{"choices":[{"message":{"content":"é"}}]}', "", "\x7f"])
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**63), 2**63 - 1).map(BigInteger)
ARGUMENTS = {
    "add_prompt_history": st.tuples(
        INTEGERS, TEXTS, TEXTS, INTEGERS, st.text(max_size=3), st.text(max_size=3)
    ),
    "update_prompt_history": st.tuples(IDS, TEXTS),
    "delete_prompt_history": st.tuples(IDS),
    "batch_delete_prompt_histories": st.tuples(TIMES, TIMES),
    "change_owner": st.tuples(st.sampled_from([OWNER, NEXT, NEXT.hex(), OWNER.hex().upper(), "xyz", 3])),
    "note_prompt": st.tuples(st.none()),
    "nop": st.tuples(),
}
SIGNERS = st.sampled_from([(), (OWNER,), (NEXT,), (OWNER, NEXT)])
CALLS = st.sampled_from(sorted(ARGUMENTS)).flatmap(
    lambda name: st.builds(Said, st.just(name), ARGUMENTS[name] | st.just(()), SIGNERS)
)


@given(blocks=st.lists(st.lists(CALLS, max_size=6), max_size=6))
def test_any_sequence_of_operations_does_what_the_plain_reading_says(blocks: list[list[Said]]) -> None:
    again = PlainChain(BRID, OWNER)
    for height, (replay, outcomes, ledger) in enumerate(
        memory.fold([(block, height + 1) for height, block in enumerate(blocks)], brid=BRID, owner=OWNER)
    ):
        changes, broken = len(again.changes), len(again.broken)
        again.block(blocks[height], at=height + 1)
        assert replay.digest == again.digest
        assert replay.owner == again.owner
        assert sorted(ledger.live) == sorted(again.rows)
        revisions = [each for each in outcomes if isinstance(each, Revision)]
        assert [(each.position, each.record.prompt_id, each.kind) for each in revisions] == [
            (each.position, each.prompt_id, each.kind) for each in again.changes[changes:]
        ]
        found = [each for each in outcomes if isinstance(each, Breach)]
        findings = [(each.position, each.rule, each.subject) for each in found]
        told = {(each.rule, each.subject, each.why) for each in found}
        assert len(told) == len({story[:2] for story in told})
        assert sorted(findings) == sorted(again.broken[broken:])


def test_states_of_the_plain_reading_agree_with_the_story() -> None:
    """The plain reading is held to the nodes too, or comparing with it would prove little."""
    for chain in recorded.CHAINS:
        states = memory.plainly(chain).states
        for stated in recorded.story(chain)["states"]:
            rows = states[stated["height"]]
            assert [row.prompt_id for row in rows] == stated["order"]
            assert plain.latest_id(rows) == stated["latest"]
