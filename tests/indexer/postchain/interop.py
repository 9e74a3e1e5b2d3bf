"""Questions for other people's clients: values and transactions, in a form that JSON can carry.

A value is a pair of its GTV type and content: bytes as hex, numbers as decimal text, elements as pairs again.
"""

from typing import Any

from indexer.postchain import gtv, secp256k1
from indexer.postchain.gtx import Operation
from tests.indexer.postchain.made import BRID, SENDER_KEY

# What both clients do right (arrays, strings, bytes and integers, all that the dapp's transactions hold).
ARRAYS: list[gtv.Gtv] = [
    None,
    b"",
    b"\x00\xff" * 100,
    "",
    "ASCII, ünïcödé, 漢字, 🙂",
    "x" * 70_000,
    0,
    1,
    -1,
    127,
    128,
    -128,
    -129,
    2**31,
    -(2**40),
    2**53 - 1,
    gtv.BigInteger(5),
    gtv.BigInteger(2**200),
    gtv.BigInteger(-(2**64)),
    [],
    [[]],
    [[[]]],
    [1],
    [[1]],
    [[["x"]], [b"y"]],
    [1, "two", b"three", None, [4, [5, [6]]]],
]
ARRAYS += [["e"] * size for size in range(2, 18)]
DICTS: list[gtv.Gtv] = [
    {},
    {"a": 1},
    {"b": 1, "a": [2], "B": b"\x03", "": None},
    [{"a": {"nested": {"deeply": []}}}],
    {f"key {number}": number for number in range(20)},
]

ADD = Operation("add_prompt_history", (7, '[{"role":"user","content":"ü"}]', "{}", 42, "model", "provider"))
DELETE = Operation("delete_prompt_history", (3,))
NOP = Operation("nop", (b"\x01",))


def as_json(value: Any) -> list[Any]:
    """The value as a pair of type and content."""
    match value:
        case None | str():
            return ["plain", value]
        case bytes():
            return ["bytes", value.hex()]
        case gtv.BigInteger():
            return ["bigInteger", str(int(value))]
        case int():
            return ["integer", str(value)]
        case dict():
            return ["dict", [[key, as_json(each)] for key, each in value.items()]]
    return ["array", [as_json(each) for each in value]]


def transaction(*operations: Operation, version: int = 1) -> dict[str, Any]:
    """A transaction to be built and signed by a client."""
    return {
        "brid": BRID.hex(),
        "operations": [[each.name, [as_json(value) for value in each.arguments]] for each in operations],
        "key": SENDER_KEY.hex(),
        "public_key": secp256k1.public_key(SENDER_KEY).hex(),
        "version": version,
    }
