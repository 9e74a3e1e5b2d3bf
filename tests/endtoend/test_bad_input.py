"""Whatever stands on the chain, however odd: kept as what it is, counted, and in nobody's way."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from devnet.recorded.recording import Recording
from devnet.rest.exchange import Answer, Question
from indexer.postchain import gtv
from indexer.postchain.gtv import BigInteger, Gtv
from indexer.postchain.gtx import Operation
from tests.endtoend import chains
from tests.endtoend.chains import add
from tests.endtoend.commands import State
from tests.endtoend.hostile import HostileNode, is_list
from tests.indexer.made import OWNER, STRANGER

Serve = Callable[..., HostileNode]

DEEP = "[" * 1_000 + "]" * 1_000
FAR_TOO_DEEP = "[" * 20_000 + "]" * 20_000
DIGITS = "9" * 5_000


def made(*operations: Operation, version: int = 1, keys: Sequence[bytes] = (OWNER,)) -> Recording:
    """A chain with an empty block, then one transaction for each operation, then an empty block."""
    begun = chains.begun(chains.configuration(version=version))
    datas = [chains.transaction(begun, each, keys=keys, version=version) for each in operations]
    return chains.grown(begun, [], datas, [], version=version)


def indexed(state: State, node: HostileNode, **options: object) -> dict[str, Any]:
    """Index the chain and go through every command; the line of JSON."""
    ended = state.sync(node.url, **options)
    assert ended.status == 0, ended.told
    again = state.run("reindex")
    assert again.status == 0, again.told
    assert ended.line["digest"] in again.out
    state.checked()
    told = state.status()
    assert told["height"] == len(node.chain.blocks) - 1
    return {**ended.line, "status": told, "state": state.records()}


def completion(content: str) -> str:
    """A completion whose content is written so in JSON."""
    return f'{{"choices":[{{"message":{{"content":{content}}}}}]}}'


TEXTS = {
    "NUL": ('{"a":"x\\u0000y"}', '{"a":"x\\u0000y"}'),
    "NUL in a key": ('{"\\u0000":1}', '{"\\u0000":1}'),
    "1e400": ('{"a":1e400}', '{"a":"Infinity"}'),
    "-1e400": ("[-1e400]", '["-Infinity"]'),
    "5,000 digits": (f"[{DIGITS}]", f"[{DIGITS}]"),
    "5,000 digits as a double": (f"[{DIGITS}.5]", '["Infinity"]'),
    "1,000 deep": (DEEP, DEEP),
    "20,000 deep": (FAR_TOO_DEEP, FAR_TOO_DEEP),
    "lone surrogate": ('{"a":"\\ud800"}', '{"a":"?"}'),
    "lone low surrogate": ('["\\udc00x"]', '["?x"]'),
    "pair": ('["\\ud83d\\ude00"]', '["\N{GRINNING FACE}"]'),
    "duplicate keys": ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
    "trailing garbage": ('{"a":1} and more', '{"a":1}'),
    "scalar": ("17", "17"),
    "no JSON": ("just text", "just text"),
    "empty": ("", ""),
    "white space": (" \n", " \n"),
    "smallest double": ("[5e-324]", "[4.9E-324]"),
    "2 MB": (json.dumps("word " * 400_000), json.dumps("word " * 400_000)),
}

CONTENTS = ['"\\ud800"', '"x\\u0000y"', '"\\udfff\\ud800"', f'"{"y" * 2_000_000}"']


def test_odd_texts_are_given_as_the_dapp_would_give_them(state: State, serve: Serve) -> None:
    """Each as a prompt, as a whole result, and as the content of a completion."""
    operations = []
    for signed, _ in TEXTS.values():
        operations += [add(signed, "{}"), add("[1]", signed), add("[1]", completion(signed or "null"))]
    operations += [add("[1]", completion(content)) for content in CONTENTS]
    found = indexed(state, serve(made(*operations)))
    assert (found["records"], found["live"]) == (len(operations), len(operations))
    by_id = {each["prompt_id"]: each for each in found["state"]}
    for index, (name, (_, normal)) in enumerate(TEXTS.items()):
        assert by_id[3 * index + 1]["messages"] == normal, name
        assert by_id[3 * index + 2]["result"] == normal, name


def test_updates_with_odd_texts_are_kept(state: State, serve: Serve) -> None:
    updates = [Operation("update_prompt_history", (1, signed)) for signed, _ in TEXTS.values()]
    found = indexed(state, serve(made(add("[1]", "{}"), *updates)))
    assert found["operations"] == 1 + len(updates)
    assert found["live"] == 1


def test_long_and_odd_names_are_kept(state: State, serve: Serve) -> None:
    names = ["m" * 12_000, "m" * 11_999 + "n", "nul\0nul", "", "\N{GRINNING FACE}" * 3_000]
    operations = [
        add("[1]", "{}", model=name, provider=name[::-1], uid=index) for index, name in enumerate(names)
    ]
    odd = [Operation("x" * 12_000), Operation("op\0x"), Operation("")]
    found = indexed(state, serve(made(*operations, *odd)))
    assert found["records"] == len(names)
    assert found["operations"] == len(names) + 3
    models = {each["UID"]: each["model"] for each in found["state"]}
    assert [models[index] for index in range(4)] == names[:4]
    unknown = {each["name"]: each["times"] for each in found["status"]["unknown_operations"]}
    assert sum(unknown.values()) == 3
    assert None not in unknown
    assert "x" * 12_000 in unknown


def test_integers_beyond_64_bits_are_kept_as_not_understood(state: State, serve: Serve) -> None:
    most, least = 2**63 - 1, -(2**63)
    operations = [
        add("[1]", "{}", uid=most, seed=least),
        add("[1]", "{}", uid=BigInteger(5), seed=BigInteger(most)),
        add("[1]", "{}", uid=BigInteger(2**63)),
        add("[1]", "{}", seed=BigInteger(-(2**4000))),
        Operation("delete_prompt_history", (BigInteger(2**64),)),
        Operation("update_prompt_history", (BigInteger(2**63), "{}")),
        Operation("batch_delete_prompt_histories", (least, BigInteger(2**200))),
        Operation("batch_delete_prompt_histories", (most, least)),
    ]
    found = indexed(state, serve(made(*operations)))
    # Those that are not understood gave out ids too, after the first two.
    assert (found["records"], found["live"], found["operations"]) == (4, 2, 8)
    (first, second) = sorted(found["state"], key=lambda each: each["prompt_id"])
    assert (first["UID"], first["seed"]) == (most, least)
    assert (second["UID"], second["seed"]) == (5, most)
    unknown = {each["name"]: each["times"] for each in found["status"]["unknown_operations"]}
    assert unknown == {
        "add_prompt_history": 2,
        "delete_prompt_history": 1,
        "update_prompt_history": 1,
        "batch_delete_prompt_histories": 1,
    }


def test_unknown_operations_and_odd_arguments_are_kept_and_counted(state: State, serve: Serve) -> None:
    odd: list[Gtv] = [None, b"", b"\0" * 100, "", [], {}, [[[]]], {"": {"\0": [None]}}, BigInteger(0)]
    operations = [Operation("note_prompt", (each,)) for each in odd]
    operations += [Operation("add_prompt_history", tuple(odd[:count])) for count in range(8)]
    operations += [
        Operation("add_prompt_history", (1, b"[1]", "{}", 1, "m", "p")),
        Operation("add_prompt_history", (1, "[1]", "{}", "1", "m", "p")),
        Operation("update_prompt_history", (None, None)),
        Operation("delete_prompt_history", (99,)),
        Operation("delete_prompt_history", (-1,)),
        Operation("change_owner", ("no hex",)),
        Operation("change_owner", ()),
        Operation("nop", ({"odd": []},)),
        Operation("timeb", (1, None, 2, 3)),
        Operation("Add_Prompt_History", (1,)),
        Operation("", ()),
        add("[1]", "{}"),
    ]
    found = indexed(state, serve(made(*operations)))
    adds = [each for each in operations if each.name == "add_prompt_history"]
    assert (found["records"], found["live"], found["operations"]) == (len(adds), 1, len(operations))
    # Arguments that the dapp's own operations do not take, and deletions of records that are not there, are
    # what a sound chain cannot hold: told, and nothing more.
    kinds = Counter(each["kind"] for each in found["status"]["incidents"])
    assert kinds == {"rule-arguments-not-known": 3, "rule-record-exists": 1}


def test_what_a_stranger_signed_is_told_and_folded(state: State, serve: Serve) -> None:
    found = indexed(state, serve(made(add("[1]", "{}"), keys=(STRANGER,))))
    assert found["records"] == 1
    assert [each["kind"] for each in found["status"]["incidents"]] == ["rule-owner-signs"]


def test_a_chain_whose_owner_is_unknown_is_indexed(state: State, serve: Serve) -> None:
    begun = chains.begun(chains.configuration(owner=None))
    data = chains.transaction(begun, add("[1]", "{}"), keys=(STRANGER,))
    found = indexed(state, serve(chains.grown(begun, [], [data])))
    assert (found["records"], found["incidents"]) == (1, 0)


def test_a_chain_of_the_second_merkle_version_is_indexed(state: State, serve: Serve) -> None:
    """Every transaction here has one operation, and hashes otherwise under the first version."""
    operations = [add(f"[{index}]", "{}") for index in range(5)]
    found = indexed(state, serve(made(*operations, Operation("note", ([[1]],)), version=2)))
    assert (found["records"], found["operations"], found["unproved"]) == (5, 6, 0)


def test_a_chain_that_changes_its_merkle_version_is_indexed(state: State, serve: Serve) -> None:
    first = chains.configuration()
    second = chains.configuration(version=2)
    begun = chains.begun(first)
    old = chains.transaction(begun, add("[1]", "{}"))
    chain = chains.grown(begun, [], [old])
    chain = chains.with_configurations(chain, {0: gtv.encode(first), 2: gtv.encode(second)})
    new = chains.transaction(begun, add("[2]", "{}"), version=2)
    found = indexed(state, serve(chains.grown(chain, [new], [], version=2)), window=1)
    assert (found["records"], found["unproved"]) == (2, 0)


def test_values_nested_900_deep_are_kept(state: State, serve: Serve) -> None:
    value: Gtv = "in"
    for _ in range(900):
        value = [value]
    found = indexed(state, serve(made(Operation("note_prompt", (value,)), add("[1]", "{}"))))
    assert (found["records"], found["operations"]) == (1, 2)


def nested(depth: int) -> bytes:
    """GTV arrays inside each other, which the encoder would refuse to write."""
    inner = b"\xa0\x02\x05\x00"
    for _ in range(depth):
        inner = wrapped(0xA5, wrapped(0x30, inner))
    return inner


def wrapped(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    return bytes([tag, 0x84]) + length.to_bytes(4, "big") + content


def test_a_transaction_nested_10000_deep_is_refused_and_stops_no_honest_node(
    state: State, serve: Serve
) -> None:
    """Nobody can say what it hashes to; below it everything stays, and another node's block is taken."""
    chain = made(add("[1]", "{}"))
    block = chain.blocks[1].stated
    deep = wrapped(0xA5, wrapped(0x30, nested(10_000))).hex().upper()
    hurt = {**block, "transactions": [{**block["transactions"][0], "data": deep}]}
    bad = serve(chains.with_block(chain, 1, lambda _: hurt))
    refused = state.sync(bad.url, window=1)
    assert refused.status == 4, refused.told
    assert "“transaction”" in refused.err
    assert (refused.line["height"], refused.line["incidents"]) == (0, 1)
    state.checked()
    good = state.sync(bad.url, serve(chain).url)
    assert (good.status, good.line["height"], good.line["records"]) == (0, 2, 1), good.told
    state.checked()


def test_an_answer_nested_far_too_deep_is_told(state: State, serve: Serve) -> None:
    chain = made(add("[1]", "{}"))
    raw = nested(10_000)
    bad = serve(chains.with_configurations(chain, {0: raw}))
    ended = state.sync(bad.url)
    assert ended.status in (4, 5), ended.told
    good = state.sync(bad.url, serve(chain).url)
    assert good.status == 0, good.told


def test_blocks_of_many_mebibytes_come_in_though_lists_of_them_are_too_large(
    state: State, serve: Serve
) -> None:
    """Three transactions of 25 MiB, the largest that a node takes: as one list 150 MiB of JSON."""
    begun = chains.begun(chains.configuration())
    large = [
        chains.transaction(begun, add(f"[{index}]", '{"text":"' + chr(97 + index) * (25 * 2**20) + '"}'))
        for index in range(3)
    ]
    node = serve(chains.grown(begun, [], *[[each] for each in large], []))
    ended = state.sync(node.url)
    assert ended.status == 0, ended.told
    assert (ended.line["height"], ended.line["records"]) == (4, 3)
    limits = [int(question.parameter("limit") or 0) for question in node.asked if is_list(question)]
    assert len(limits) <= 12, limits
    state.checked()
    assert [len(each["result"]) for each in state.records()] == [25 * 2**20 + 11] * 3


def test_a_list_that_the_node_itself_cuts_to_its_budget_is_gone_on_with(state: State, serve: Serve) -> None:
    """Newer nodes leave out what exceeds their budget, say so in a header, and may list nothing at all."""

    def cut(question: Question, answer: Answer) -> Answer | None:
        if not is_list(question):
            return None
        found = json.loads(answer.body)
        sums = accumulate(len(each["transactions"]) for each in found)
        body = json.dumps([each for each, sum in zip(found, sums, strict=True) if sum < 10]).encode()
        return replace(answer, headers=(*answer.headers, ("x-data-truncated", "true")), body=body)

    ended = state.sync(serve(chains.cut(chains.four(), 30), cut).url)
    assert (ended.status, ended.line["height"]) == (0, 29), ended.told


def test_a_block_with_thousands_of_operations_is_indexed(state: State, serve: Serve) -> None:
    begun = chains.begun(chains.configuration())
    many = chains.transaction(begun, *[Operation("nop")] * 20_000, add("[1]", "{}"))
    ended = state.sync(serve(chains.grown(begun, [many])).url)
    assert ended.status == 0, ended.told
    assert (ended.line["operations"], ended.line["records"]) == (20_001, 1)
    state.checked()


def test_batch_deletions_take_the_hundred_that_the_dapp_takes(state: State, serve: Serve) -> None:
    begun = chains.begun(chains.configuration())
    sixty = [[add(f"[{block},{number}]", "{}") for number in range(60)] for block in range(3)]
    adds = [[chains.transaction(begun, *each)] for each in sixty]
    delete = Operation("batch_delete_prompt_histories", (-(2**63), 2**63 - 1))
    chain = chains.grown(begun, [], *adds, [chains.transaction(begun, delete)])
    for window in (1, 100):
        ended = state.sync(serve(chain).url, window=window)
        assert (ended.status, ended.line["live"]) == (0, 80), ended.told
    # The newest block's sixty, then the forty lowest of the block before.
    assert sorted(each["prompt_id"] for each in state.records()) == [*range(1, 61), *range(101, 121)]
    state.checked()
