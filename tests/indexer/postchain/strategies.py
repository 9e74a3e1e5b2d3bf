"""What the property tests draw from."""

from typing import Any

from hypothesis import strategies as st

from indexer.postchain import gtv
from tests.indexer.postchain import plain

# Keys whose UTF-16 order differs from their code-point order, beside any others.
_AWKWARD_KEYS = st.text(st.sampled_from("aB\ue000\uffff\U00010000\U0010ffff"), max_size=3)
KEYS = st.text(max_size=8) | _AWKWARD_KEYS
INT64 = st.integers(gtv.INT64_MIN, gtv.INT64_MAX)
BIG_INTEGERS = st.integers(-(2**300), 2**300).map(gtv.BigInteger)
PRIMITIVES = st.none() | st.binary(max_size=300) | st.text(max_size=200) | INT64 | BIG_INTEGERS

VALUES: st.SearchStrategy[Any] = st.recursive(
    PRIMITIVES,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=40,
)
# Collections that hold one collection, over and over: where the two versions of the merkle hash part.
NESTS: st.SearchStrategy[Any] = st.recursive(
    PRIMITIVES | st.just([]) | st.just({}),
    lambda inner: (
        st.tuples(inner).map(list) | st.fixed_dictionaries({"a": inner}) | st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)

_GTV_BYTES = bytes(range(0xA0, 0xA8)) + b"\x02\x04\x05\x0c\x30\x80\x81\x82\x84\x00\x01\x03\x7f\xff"
NEARLY_GTV = st.lists(st.sampled_from(_GTV_BYTES), max_size=40).map(bytes) | st.binary(max_size=60)


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    """One of these byte strings with up to three bytes changed, removed or put in."""
    data = bytearray(draw(originals))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(("flip", "set", "insert", "delete", "cut"))):
            case "flip" if data:
                data[place] ^= 1 << draw(st.integers(0, 7))
            case "set" if data:
                data[place] = draw(st.sampled_from(_GTV_BYTES))
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=2))
            case "delete":
                del data[place : place + 1]
            case "cut":
                del data[place:]
    return bytes(data)


def typed(value: Any) -> Any:
    """The value in a form that compares types too: a BigInteger equals an int otherwise."""
    if isinstance(value, list | tuple):
        return ["array", *map(typed, value)]
    if isinstance(value, dict):
        return ["dict", *((key, typed(each)) for key, each in value.items())]
    return type(value).__name__, value


def plainly(value: Any) -> Any:
    """The value as `plain` wants it."""
    if isinstance(value, list | tuple):
        return [plainly(each) for each in value]
    if isinstance(value, dict):
        return {key: plainly(each) for key, each in value.items()}
    return plain.Big(int(value)) if isinstance(value, gtv.BigInteger) else value
