"""Configurations that are damaged, hidden, invented or exchanged: what a hostile node can do to trust."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from devnet.recorded.recording import Recording
from devnet.rest.exchange import OCTETS, Answer, Question
from indexer.postchain import gtv
from tests.endtoend import chains
from tests.endtoend.chains import FOUR, FOUR_DIGEST, VALIDATOR, VALIDATORS, flipped
from tests.endtoend.commands import Installation, State
from tests.endtoend.hostile import HostileNode, failure, of, said, to_path
from tests.indexer.node.stub import Reaction
from tests.indexer.serving import AlteredNode, Rule

Serve = Callable[..., HostileNode]
StateFor = Callable[[int], State]

STRANGERS = tuple(bytes([each]) * 32 for each in (0x50, 0x51, 0x52, 0x53))


def with_bit(height: int, text: bytes) -> Recording:
    """The chain of four, with one bit of a configuration turned over where that text stands in it."""
    raw = chains.four().configurations[height]
    changed = bytes.fromhex(flipped(raw.hex(), raw.index(text) * 8))
    return chains.with_configurations(chains.four(), {**chains.four().configurations, height: changed})


def hidden(*heights: int) -> Rule:
    """Configurations from these heights on are neither listed nor given."""
    first = min(heights)

    def rule(question: Question, answer: Answer) -> Answer | None:
        if question.path[0] != "config":
            return None
        height = int(question.parameter("height") or -1)
        if question.path[-1] == "next_height":
            return said("null") if height >= 0 else None
        return failure(400, "Bad Request", "Failed to find configuration") if height >= first else None

    return rule


@pytest.mark.parametrize("text", [b"rell", b"signers"])
def test_a_damaged_configuration_is_refused_and_another_node_gives_the_right_one(
    state: State, serve: Serve, text: bytes
) -> None:
    bad = serve(with_bit(30, text))
    refused = state.sync(bad.url, window=10)
    assert refused.status in (4, 5), refused.told
    if text == b"rell":
        assert refused.status == 4, refused.told
        assert "“configuration”" in refused.err
        assert refused.line["incidents"] == 1
    assert refused.line["height"] <= 29
    good = state.sync(bad.url, serve(chains.four()).url, window=10)
    assert good.status in (0, 3), good.told
    assert good.line["digest"] == FOUR_DIGEST
    assert not [each for each in state.status()["unproved"] if "witness" in each]
    state.checked()


def test_signers_that_a_node_changed_in_a_configuration_are_refused(state: State, serve: Serve) -> None:
    raw = gtv.decode(chains.four().configurations[30])
    assert isinstance(raw, dict)
    forged = gtv.encode({**raw, "signers": chains.configuration(keys=STRANGERS)["signers"]})
    lying = chains.with_configurations(chains.four(), {**chains.four().configurations, 30: forged})
    refused = state.sync(serve(lying).url, window=10)
    assert refused.status == 4, refused.told
    assert "“configuration”" in refused.err
    assert refused.line["height"] == 29
    assert state.sync(serve(chains.four()).url, window=10).line["digest"] == FOUR_DIGEST
    state.checked()


def test_a_damaged_first_configuration_is_refused_and_nothing_is_stored(state: State, serve: Serve) -> None:
    bad = serve(with_bit(0, b"rell"))
    refused = state.sync(bad.url)
    assert refused.status == 4, refused.told
    assert "“configuration”" in refused.err
    assert (refused.line["height"], refused.line["incidents"]) == (-1, 1)
    good = state.sync(bad.url, serve(chains.four()).url)
    assert good.status in (0, 3), good.told
    assert (good.line["digest"], good.line["incidents"]) == (FOUR_DIGEST, 1)
    assert state.incidents() == [("refused-configuration", 0)]
    state.checked()


@pytest.mark.parametrize("options", [{}, {"window": 1, "processes": 3}], ids=["one process", "three"])
def test_hidden_configurations_leave_witnesses_unchecked_until_they_are_given(
    state_for: StateFor, serve: Serve, options: dict[str, int]
) -> None:
    state = state_for(options.get("processes", 1))
    hiding = serve(chains.four(), hidden(30, 55))
    ended = state.sync(hiding.url, **options)
    assert ended.status == 3, ended.told
    assert ended.line["digest"] == FOUR_DIGEST
    unchecked = [line for line in ended.err.splitlines() if "the witness was not checked" in line]
    assert [line.split("Not proved: ")[1].split(":")[0] for line in unchecked] == [
        "blocks 30 to 54",
        "blocks 55 to 115",
    ], ended.told
    told = state.status()
    unseen = [each["height"] for each in told["configurations"] if each["standing"] == "unseen"]
    assert unseen == [30, 55]
    state.checked()

    given = state.sync(serve(chains.four()).url)
    assert given.status == 3, given.told
    assert "witness" not in given.err
    assert given.line["unproved"] == 2
    assert state.status()["incidents"] == []
    state.checked()


def test_what_one_node_hides_another_gives(state: State, serve: Serve) -> None:
    ended = state.sync(serve(chains.four(), hidden(30, 55)).url, serve(chains.four()).url)
    assert ended.status in (0, 3), ended.told
    assert ended.line["digest"] == FOUR_DIGEST
    assert "the witness was not checked" not in ended.err
    standings = {each["height"]: each["standing"] for each in state.status()["configurations"]}
    assert sorted(standings) == [0, 30, 55]
    assert "unseen" not in standings.values()


def test_a_node_that_gives_no_configuration_at_all_proves_nothing(state: State, serve: Serve) -> None:
    ended = state.sync(serve(chains.four(), hidden(0)).url)
    assert ended.status == 3, ended.told
    assert ended.line["digest"] == FOUR_DIGEST
    assert "the witness was not checked" in ended.err
    state.checked()
    given = state.sync(serve(chains.four()).url, serve(chains.four()).url)
    assert given.status == 0, given.told
    state.checked()


def invented(height: int, keys: tuple[bytes, ...] = STRANGERS) -> Recording:
    made = gtv.encode(chains.configuration(keys=keys))
    return chains.with_configurations(chains.four(), {**chains.four().configurations, height: made})


def test_an_invented_configuration_is_refused_and_harms_no_later_run(state: State, serve: Serve) -> None:
    """The node lists a configuration that no header names, and honest blocks."""
    bad = serve(invented(10))
    refused = state.sync(bad.url, window=5)
    assert refused.status in (0, 3, 4), refused.told
    good = state.sync(serve(chains.four()).url, window=5)
    assert good.status == 3, good.told
    assert good.line["digest"] == FOUR_DIGEST
    told = state.status()
    assert [each["height"] for each in told["configurations"]] == [0, 30, 55]
    state.checked()


def test_an_invented_configuration_does_not_make_honest_nodes_liars(state: State, serve: Serve) -> None:
    bad, honest = serve(invented(10)), serve(chains.four())
    ended = state.sync(bad.url, honest.url, window=5)
    assert ended.status in (0, 3), ended.told
    assert ended.line["digest"] == FOUR_DIGEST
    assert honest.url not in str(state.status()["incidents"])
    state.checked()


def test_a_configuration_beyond_the_head_is_not_in_force(state: State, serve: Serve) -> None:
    node = serve(chains.cut(chains.four(), 30))
    early = state.sync(node.url)
    assert (early.status, early.line["unproved"]) == (0, 0), early.told
    node.chain = chains.four()
    late = state.sync(node.url)
    assert (late.status, late.line["digest"], late.line["unproved"]) == (3, FOUR_DIGEST, 2), late.told


def forged_after(
    height: int, configurations: dict[int, bytes], hash: bytes, keys: tuple[bytes, ...]
) -> Recording:
    """The chain of four up to a height, then blocks of our own whose headers name a configuration."""
    short = chains.with_configurations(chains.cut(chains.four(), height), configurations)
    data = chains.transaction(short, chains.add("[1]", '"forged"'))
    return chains.grown(short, [data], [], [], keys=keys, extra={"config_hash": hash})


def test_a_proved_configuration_is_not_exchanged_for_another(state: State, serve: Serve) -> None:
    """Blocks up to 39 are in and name configuration 30; then a node gives another one for that height."""
    first = state.sync(serve(chains.cut(chains.four(), 40)).url)
    assert first.line["height"] == 39, first.told
    other = chains.configuration(keys=STRANGERS)
    real = chains.four().configurations
    chain = forged_after(40, {0: real[0], 30: gtv.encode(other)}, chains.hash_of(other), STRANGERS)
    lying = state.sync(serve(chain).url)
    assert lying.status in (3, 4), lying.told
    state.checked()
    told = state.status()
    by_height = {each["height"]: each["hash"] for each in told["configurations"]}
    assert by_height[30] == chains.hash_of(gtv.decode(real[30])).hex().upper()  # type: ignore[arg-type]
    if lying.status == 3:
        assert "the witness was not checked" in lying.err


def test_forged_blocks_whose_configuration_nobody_gives_do_not_outdo_an_honest_node(
    state: State, serve: Serve
) -> None:
    """One node alone may be told such a tale (its blocks stand as unchecked); with a second one it is not."""
    real = chains.four().configurations
    forging = serve(forged_after(20, {0: real[0]}, b"\x07" * 32, STRANGERS))
    honest = serve(chains.four())
    ended = state.sync(forging.url, honest.url)
    again = state.sync(honest.url)
    assert again.status == 3, ended.told + again.told
    assert again.line["digest"] == FOUR_DIGEST
    state.checked()


def test_forged_blocks_of_one_node_alone_stand_as_unchecked(state: State, serve: Serve) -> None:
    real = chains.four().configurations
    ended = state.sync(serve(forged_after(20, {0: real[0]}, b"\x07" * 32, STRANGERS)).url)
    assert ended.status in (3, 4), ended.told
    if ended.status == 3:
        assert "blocks 20 to 22: the witness was not checked" in ended.err


def test_a_chain_whose_headers_name_no_configuration_is_not_all_proved(state: State, serve: Serve) -> None:
    first = chains.configuration(named=False)
    second = chains.configuration(named=False, more={"changed": 1})
    begun = chains.begun(first)
    data = chains.transaction(begun, chains.add("[1]", "{}"))
    short = chains.grown(begun, [], [data], extra={})
    node = serve(short)
    alone = state.sync(node.url)
    assert alone.status == 0, alone.told
    longer = chains.with_configurations(short, {0: gtv.encode(first), 2: gtv.encode(second)})
    node.chain = chains.grown(longer, [], [data[:-1] + data[-1:]], extra={})
    ended = state.sync(node.url)
    assert ended.status == 3, ended.told
    assert "configuration at height 2: not named" in ended.err
    assert ended.line["height"] == 3
    state.checked()


def test_a_change_of_most_signers_is_told_even_where_two_nodes_agree(state: State, serve: Serve) -> None:
    first, second = chains.configuration(keys=VALIDATORS), chains.configuration(keys=STRANGERS)
    begun = chains.grown(chains.begun(first), [], [], keys=VALIDATORS)
    chain = chains.with_configurations(begun, {0: gtv.encode(first), 2: gtv.encode(second)})
    chain = chains.grown(chain, [], keys=STRANGERS)
    ended = state.sync(serve(chain).url, serve(chain).url)
    assert ended.status == 3, ended.told
    assert "more than a third" in ended.err


def test_a_configuration_that_failed_to_be_applied_is_passed_over(state: State, serve: Serve) -> None:
    first, failed = chains.configuration(), chains.configuration(keys=STRANGERS)
    named = {"config_hash": chains.hash_of(first)}
    begun = chains.grown(chains.begun(first), [], [])
    chain = chains.with_configurations(begun, {0: gtv.encode(first), 2: gtv.encode(failed)})
    chain = chains.grown(chain, [], extra={**named, "failed_config_hash": chains.hash_of(failed)})
    chain = chains.grown(chain, [], [], extra=named)
    ended = state.sync(serve(chain).url, window=2)
    assert ended.status in (0, 3), ended.told
    assert ended.line["height"] == 4
    assert "witness" not in ended.err
    state.checked()


def test_that_a_configuration_failed_is_believed_of_a_block_that_its_signers_signed(
    state: State, serve: Serve
) -> None:
    """The node says so in a block of its own making."""
    first, second = chains.configuration(), chains.configuration(more={"changed": 1})
    begun = chains.grown(chains.begun(first), [], [])
    true = chains.with_configurations(begun, {0: gtv.encode(first), 2: gtv.encode(second)})
    said = {"config_hash": chains.hash_of(first)}
    lying = chains.grown(
        true, [], extra={**said, "failed_config_hash": chains.hash_of(second)}, keys=(STRANGERS[0],)
    )
    refused = state.sync(serve(chains.grown(lying, [], extra=said, keys=(STRANGERS[0],))).url)
    assert refused.status == 4, refused.told
    assert "“witness”" in refused.err
    standings = {each["height"]: each["standing"] for each in state.status()["configurations"]}
    assert standings == {0: "genesis", 2: "pending"}
    good = state.sync(serve(chains.grown(true, [], [])).url)
    assert (good.status, good.line["unproved"]) == (0, 0), good.told
    assert [kind for kind, _ in state.incidents()] == ["refused-witness"]
    state.checked()


def test_a_header_that_cannot_be_read_is_refused_wherever_it_is_asked_for(state: State, serve: Serve) -> None:
    """In a list the block is sound; asked for by itself, to see whether a configuration failed, it is not."""
    first, second = chains.configuration(), chains.configuration(more={"changed": 1})
    begun = chains.grown(chains.begun(first), [], [])
    chain = chains.with_configurations(begun, {0: gtv.encode(first), 2: gtv.encode(second)})
    chain = chains.grown(chain, [], [], extra={"config_hash": chains.hash_of(first)})
    broken = said(json.dumps({**chain.blocks[2].stated, "header": "A0"}))
    ended = state.sync(serve(chain, of(to_path("blocks", "*", "height", "2"), broken)).url)
    assert ended.status == 4, ended.told
    assert "“header”" in ended.err


UNREADABLE = {
    "nothing": said(b"", kind=OCTETS),
    "garbage": said(b"\xff" * 40, kind=OCTETS),
    "no signer": said(gtv.encode({"signers": []}), kind=OCTETS),
    "text for a key": said(gtv.encode({"signers": ["no key"]}), kind=OCTETS),
    "version 3": said(gtv.encode({"features": {"merkle_hash_version": 3}, "signers": []}), kind=OCTETS),
    "version 2^62": said(
        gtv.encode({"features": {"merkle_hash_version": 2**62}, "signers": []}), kind=OCTETS
    ),
    "500": failure(500, "Internal Server Error", "boom"),
    "404": failure(404, "Not Found", "no such thing"),
}


def is_configuration_30(question: Question) -> bool:
    return question.path == ("config", FOUR) and question.parameter("height") == "30"


def test_configurations_that_cannot_be_read_are_passed_over(state: State, serve: Serve) -> None:
    chain = chains.cut(chains.four(), 40)
    bad = [serve(chain, of(is_configuration_30, answer)) for answer in UNREADABLE.values()]
    ended = state.sync(*(each.url for each in bad), serve(chain).url)
    assert ended.status in (0, 3), ended.told
    assert ended.line["height"] == 39
    assert "witness was not checked" not in ended.err
    state.checked()


@pytest.mark.parametrize("name", ["garbage", "no signer", "version 3", "404"])
def test_a_node_alone_that_gives_no_readable_configuration_is_told(
    state: State, serve: Serve, name: str
) -> None:
    chain = chains.cut(chains.four(), 40)
    bad = serve(chain, of(is_configuration_30, UNREADABLE[name]))
    ended = state.sync(bad.url, window=10)
    assert ended.status in (3, 4, 5), ended.told
    bad.rules.clear()
    again = state.sync(bad.url, window=10)
    assert (again.status, again.line["height"]) == (3, 39), again.told
    assert "witness was not checked" not in again.err


def test_the_list_of_configurations_may_not_go_round_in_circles(state: State, serve: Serve) -> None:
    node = serve(chains.four(), of(to_path("config", "*", "next_height"), said('{"blockHeight":30}')))
    ended = state.sync(node.url)
    assert ended.status == 5, ended.told
    again = state.sync(node.url, serve(chains.four()).url)
    assert again.status in (0, 3), again.told
    assert again.line["digest"] == FOUR_DIGEST


def test_a_list_of_configurations_without_end_is_not_followed_for_ever(
    installation: Installation, serve: Serve
) -> None:
    """Each asked height gives the next one: the node would be walked until the end of days."""

    def next_height(question: Question, answer: Answer) -> Answer | None:
        if question.path[0] != "config" or question.path[-1] != "next_height":
            return None
        return replace(answer, body=b'{"blockHeight":%d}' % (int(question.parameter("height") or 0) + 1))

    endless = serve(chains.one(), next_height)
    running = installation.start_sync(endless.url, serve(chains.one()).url)
    ended = running.ended(seconds=60).in_plain_words()
    assert ended.status in (0, 3, 4, 5), ended.told


def test_one_key_that_signs_alone_is_named_in_the_configuration(state: State, serve: Serve) -> None:
    chain = chains.grown(chains.begun(chains.configuration()), [], keys=(STRANGERS[0],))
    refused = state.sync(serve(chain).url)
    assert refused.status == 4, refused.told
    assert "“witness”" in refused.err
    chain = chains.grown(chains.begun(chains.configuration()), [], keys=(VALIDATOR,))
    assert state.sync(serve(chain).url).status == 0


def test_a_node_that_names_another_configuration_each_time_is_refused_in_the_end(
    state: State, serve: Serve
) -> None:
    begun = chains.begun(chains.configuration())
    chain = chains.grown(begun, [chains.transaction(begun, chains.add("[]", "{}"))], [])
    numbers = itertools.count()

    def rule(question: Question, answer: Answer) -> Answer | Reaction | None:
        if question.path[0] != "blocks":
            return None
        named = sha256(bytes(str(next(numbers)), "ascii")).digest()
        return AlteredNode(chains.grown(chain, [], extra={"config_hash": named})).reaction(question)

    node = serve(chains.grown(chain, []), rule)
    ended = state.sync(node.url)
    assert ended.status == 4, ended.told
    assert {kind for kind, _ in state.incidents()} == {"refused-configuration"}
    assert next(numbers) < 100
