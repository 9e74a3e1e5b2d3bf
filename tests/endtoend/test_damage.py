"""Every class of damage to a recorded block is refused with the step's name, and harms no honest node's
answer.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from devnet.recorded.recording import Recording
from devnet.rest.exchange import Answer, Question
from indexer.postchain.block import decode_header
from tests.endtoend import chains
from tests.endtoend.chains import FOUR_DIGEST, VALIDATORS, Stated, flipped
from tests.endtoend.commands import Installation, State
from tests.endtoend.hostile import HostileNode, is_blocks

Serve = Callable[..., HostileNode]
Change = Callable[[Stated], Stated]

HURT = 25  # a block with several transactions, in the middle of the window 21 to 27
WINDOW = 7
BEFORE = 20  # the last block of the window before


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to the block, and the steps at which it may be refused."""

    name: str
    change: Change
    steps: str


def field(name: str, value: Callable[[Any], Any]) -> Change:
    return lambda stated: {**stated, name: value(stated[name])}


def in_header(part: Callable[[Any], bytes], *, bit: int = 0) -> Change:
    """Turn one bit of a part of the header over, found by its bytes."""

    def change(stated: Stated) -> Stated:
        raw = bytes.fromhex(stated["header"])
        found = part(decode_header(raw))
        at = raw.rindex(found) * 8 + bit
        return {**stated, "header": flipped(stated["header"], at)}

    return change


def in_transaction(name: str, bit: int, *, ordinal: int = 1) -> Change:
    def change(stated: Stated) -> Stated:
        changed = [dict(each) for each in stated["transactions"]]
        changed[ordinal][name] = flipped(changed[ordinal][name], bit)
        return {**stated, "transactions": changed}

    return change


def in_body(stated: Stated) -> Stated:
    """One bit of the operation's name in the second transaction."""
    data = stated["transactions"][1]["data"]
    at = bytes.fromhex(data).index(b"prompt_histor") * 8
    return in_transaction("data", at)(stated)


def in_signature(stated: Stated) -> Stated:
    """One bit in the middle of the last signature: its 64 bytes end the transaction's."""
    return in_transaction("data", -32 * 8)(stated)


def transactions(change: Callable[[list[Any]], list[Any]]) -> Change:
    return field("transactions", lambda found: change(list(found)))


def sealed_again(keys: Any = VALIDATORS, **changes: Any) -> Change:
    """Another header, signed: what only the signers can do."""

    def change(stated: Stated) -> Stated:
        block = chains.four().blocks[stated["height"]]
        return dict(chains.resealed(block, keys=keys, **changes).stated)

    return change


def integer(value: int) -> bytes:
    return value.to_bytes(6, "big")


DAMAGES = [
    # Single bits of what the block's RID commits to, what signs it, and what it holds.
    Damage("header, chain", in_header(lambda header: header.brid + b"\xa1\x22\x04\x20"), "header"),
    Damage("header, link", in_header(lambda header: header.previous_rid), "stated"),
    Damage("header, root", in_header(lambda header: header.transactions_root), "stated"),
    Damage("header, time", in_header(lambda header: integer(header.timestamp), bit=40), "stated"),
    Damage(
        "header, configuration", in_header(lambda header: header.extra["config_hash"]), "stated configuration"
    ),
    Damage("header, tag", field("header", lambda text: flipped(text, 1)), "header"),
    Damage("witness, signature", field("witness", lambda text: flipped(text, -100)), "witness"),
    Damage("witness, key", field("witness", lambda text: flipped(text, 9 * 8)), "witness"),
    Damage("witness, one more", field("witness", lambda text: flipped(text, 3 * 8)), "witness"),
    Damage("witness, none", field("witness", lambda text: flipped(text, 3 * 8 + 2)), "witness"),
    Damage("transaction, body", in_body, "transaction"),
    Damage("transaction, tag", in_transaction("data", 1), "transaction"),
    Damage("transaction, signature", in_signature, "signature"),
    # The same, done by the signers themselves.
    Damage("link, signed", sealed_again(previous_rid=b"\x07" * 32), "link"),
    Damage("root, signed", sealed_again(transactions_root=b"\x07" * 32), "order"),
    Damage("height, signed", lambda stated: sealed_again(height=3)(stated) | {"height": HURT}, "gap"),
    Damage("signed by too few", sealed_again(keys=VALIDATORS[:2]), "witness"),
    Damage("signed by others", sealed_again(keys=[b"\x07" * 32] * 4), "witness"),
    # Order and number of transactions.
    Damage("order", transactions(lambda found: [found[1], found[0], *found[2:]]), "order"),
    Damage("transaction left out", transactions(lambda found: found[1:]), "order"),
    Damage("transaction twice", transactions(lambda found: [*found, found[-1]]), "order"),
    # What is stated beside the bytes.
    Damage("stated RID", field("rid", lambda text: flipped(text, 5)), "stated"),
    Damage("stated link", field("prevBlockRID", lambda text: flipped(text, 5)), "stated"),
    Damage("stated time", field("timestamp", lambda value: value ^ 1), "stated"),
    Damage("stated transaction RID", in_transaction("rid", 5), "transaction"),
    Damage("stated transaction hash", in_transaction("hash", 5), "transaction"),
    Damage("stated witnesses", field("witnesses", lambda found: found[1:]), "witness"),
    Damage("stated witness", field("witnesses", lambda found: [flipped(found[0], 5), *found[1:]]), "witness"),
]


def hurt(change: Change) -> Recording:
    return chains.with_block(chains.four(), HURT, change)


def test_the_block_that_is_damaged_has_what_it_takes() -> None:
    stated = chains.four().blocks[HURT].stated
    assert len(stated["transactions"]) >= 3
    assert BEFORE % WINDOW == WINDOW - 1
    assert BEFORE < HURT <= BEFORE + WINDOW


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage_is_refused_by_its_name(state: State, serve: Serve, damage: Damage) -> None:
    bad = serve(hurt(damage.change))
    refused = state.sync(bad.url, window=WINDOW)
    assert refused.status == 4, refused.told
    assert "nothing of it is stored as verified" in refused.err
    named = [step for step in damage.steps.split() if f"“{step}”" in refused.err]
    assert named, refused.told
    assert (refused.line["height"], refused.line["incidents"]) == (HURT - 1, 1)
    assert refused.line["unproved"] == 0


def test_one_honest_node_makes_up_for_any_number_of_liars(state: State, serve: Serve) -> None:
    """Each lies in its own way, is asked before the honest one, and is an incident of its own."""
    liars = {serve(hurt(damage.change)).url: damage for damage in DAMAGES}
    honest = serve(chains.four())
    for run in (1, 2):
        refused = state.sync(*liars, window=WINDOW)
        assert refused.status == 4, refused.told
        assert (refused.line["height"], refused.line["incidents"]) == (HURT - 1, len(liars)), run
    ended = state.sync(*liars, honest.url, window=WINDOW)
    assert ended.status == 3, ended.told
    assert (ended.line["digest"], ended.line["incidents"]) == (FOUR_DIGEST, len(liars))
    for incident in state.status()["incidents"]:
        damage = liars[incident["subject"]]
        assert incident["kind"] in [f"refused-{step}" for step in damage.steps.split()], damage.name
        assert (incident["height"], incident["times"]) == (HURT, 3), damage.name
    state.checked()


def dropped(question: Question, answer: Answer) -> Answer | None:
    """No list holds the block; alone it is `null`."""
    return without(question, answer, [])


def null(question: Question, answer: Answer) -> Answer | None:
    """`null` in its place."""
    return without(question, answer, [None])


def without(question: Question, answer: Answer, instead: list[None]) -> Answer | None:
    if not is_blocks(question):
        return None
    found = json.loads(answer.body)
    if not isinstance(found, list):
        return replace(answer, body=b"null") if found and found["height"] == HURT else None
    kept = [each if each["height"] != HURT else None for each in found]
    changed = [each for each in kept if each is not None or instead]
    return replace(answer, body=json.dumps(changed).encode())


@pytest.mark.parametrize("rule", [dropped, null], ids=["left out", "null"])
@pytest.mark.parametrize("window", [1, WINDOW])
def test_a_gap_below_the_height_that_a_node_states_is_refused(
    state: State, serve: Serve, rule: Any, window: int
) -> None:
    before = BEFORE if window > 1 and rule is null else HURT - 1  # null: one by one, from the top
    bad = serve(chains.four(), rule)
    refused = state.sync(bad.url, window=window)
    assert refused.status == 4, refused.told
    assert "“gap”" in refused.err
    assert (refused.line["height"], refused.line["incidents"]) == (before, 1)
    good = state.sync(bad.url, serve(chains.four()).url, window=window)
    assert (good.status, good.line["digest"], good.line["incidents"]) == (3, FOUR_DIGEST, 1), good.told
    assert state.incidents() == [("refused-gap", HURT)]


@pytest.mark.parametrize("height", [BEFORE + 1, HURT, BEFORE + WINDOW])
def test_another_height_stated_beside_the_bytes_is_refused(state: State, serve: Serve, height: int) -> None:
    bad = serve(chains.with_block(chains.four(), height, field("height", lambda _: 5)))
    refused = state.sync(bad.url, window=WINDOW)
    assert refused.status in (4, 5), refused.told
    assert refused.line["height"] == BEFORE
    good = state.sync(bad.url, serve(chains.four()).url, window=WINDOW)
    assert good.status in (0, 3), good.told
    assert good.line["digest"] == FOUR_DIGEST


def test_a_list_of_other_blocks_than_were_asked_for_is_refused(state: State, serve: Serve) -> None:
    def others(question: Question, answer: Answer) -> Answer | None:
        if question.parameter("before-height") != "28":
            return None
        lower = [each.stated for each in chains.four().blocks[13:20]]
        return replace(answer, body=json.dumps(lower[::-1]).encode())

    bad = serve(chains.four(), others)
    ended = state.sync(bad.url, window=WINDOW)
    assert ended.status == 3, ended.told
    assert ended.line["digest"] == FOUR_DIGEST


def test_in_several_processes_damage_is_told_as_in_one(installation: Installation, serve: Serve) -> None:
    bad = serve(hurt(in_body))
    refused = installation.sync(bad.url, window=WINDOW, processes=2)
    assert refused.status == 4, refused.told
    assert "“transaction”" in refused.err
    assert refused.line["height"] == HURT - 1
    good = installation.sync(bad.url, serve(chains.four()).url, window=WINDOW, processes=2)
    assert (good.status, good.line["digest"]) == (3, FOUR_DIGEST), good.told
    assert installation.incidents() == [("refused-transaction", HURT)]
    installation.checked()


def test_two_nodes_that_lie_alike_are_not_believed(state: State, serve: Serve) -> None:
    liars = [serve(hurt(in_body)) for _ in range(2)]
    refused = state.sync(*(each.url for each in liars), window=WINDOW)
    assert refused.status == 4, refused.told
    assert (refused.line["height"], refused.line["incidents"]) == (HURT - 1, 2)


def test_a_liar_and_a_node_that_is_down_end_in_a_contradiction(state: State, serve: Serve) -> None:
    bad, down = serve(hurt(in_signature)), serve(chains.four())
    down.stop()
    refused = state.sync(bad.url, down.url, window=WINDOW)
    assert refused.status == 4, refused.told
    assert "“signature”" in refused.err


def test_a_finalised_block_that_changes_between_two_runs_halts_the_sync(state: State, serve: Serve) -> None:
    empty = chains.begun(chains.configuration())
    short = chains.grown(empty, *[[]] * 10)
    node = serve(short)
    first = state.sync(node.url)
    assert (first.status, first.line["height"]) == (0, 9), first.told
    other = chains.grown(chains.cut(short, 7), [chains.transaction(empty, chains.add("[1]", "{}"))])
    node.chain = chains.grown(other, *[[]] * 10)
    changed = state.sync(node.url)
    assert changed.status == 4, changed.told
    assert "A finalised block does not change" in changed.err
    assert (changed.line["height"], changed.line["digest"]) == (9, first.line["digest"])
    assert state.incidents() == [("block-changed", 9)]
    with_honest = state.sync(node.url, serve(chains.grown(short, [], [])).url)
    assert (with_honest.status, with_honest.line["height"]) == (0, 11), with_honest.told
    state.checked()


def test_a_changed_block_below_the_newest_is_noticed_by_its_link(state: State, serve: Serve) -> None:
    """The newest stored block is the node's own, but what follows links to another one."""
    empty = chains.begun(chains.configuration())
    short = chains.grown(empty, *[[]] * 10)
    node = serve(short)
    state.sync(node.url)
    node.chain = chains.grown(chains.grown(short, [], previous=b"\x07" * 32), [])
    changed = state.sync(node.url)
    assert changed.status == 4, changed.told
    assert "“link”" in changed.err
    assert changed.line["height"] == 9


@pytest.mark.parametrize("claim", [200, 2**63 - 1])
def test_a_node_that_claims_blocks_that_it_does_not_have_is_refused(
    state: State, serve: Serve, claim: int
) -> None:
    def rule(question: Question, answer: Answer) -> Answer | None:
        if question.path[0] != "blockchain":
            return None
        return replace(answer, body=b'{"blockHeight":%d}' % claim)

    bad = serve(chains.four(), rule)
    refused = state.sync(bad.url)
    assert refused.status == 4, refused.told
    assert "“gap”" in refused.err
    good = state.sync(bad.url, serve(chains.four()).url)
    assert good.status == 3, good.told
    assert (good.line["height"], good.line["digest"]) == (115, FOUR_DIGEST)
