"""The GTV codec: every type, what is canonical, what is read all the same, and hostile input."""

import pytest

from indexer.postchain import gtv
from tests.indexer.postchain.canonical import is_canonical

CANONICAL: list[tuple[gtv.Gtv, str]] = [
    (None, "A0020500"),
    (b"", "A1020400"),
    (b"\x01\xff", "A104040201FF"),
    ("", "A2020C00"),
    ("é", "A2040C02C3A9"),
    ("\U0001f600", "A2060C04F09F9880"),
    (0, "A303020100"),
    (127, "A30302017F"),
    (128, "A30402020080"),
    (-1, "A3030201FF"),
    (-128, "A303020180"),
    (-129, "A3040202FF7F"),
    (2**63 - 1, "A30A02087FFFFFFFFFFFFFFF"),
    (-(2**63), "A30A02088000000000000000"),
    (gtv.BigInteger(5), "A603020105"),
    (gtv.BigInteger(2**64), "A60B0209010000000000000000"),
    (gtv.BigInteger(-(2**64)), "A60B0209FF0000000000000000"),
    ([], "A5023000"),
    ([1, "x"], "A50C300AA303020101A2030C0178"),
    ({}, "A4023000"),
    ({"a": 1}, "A40C300A30080C0161A303020101"),
    ([[[]]], "A50A3008A5063004A5023000"),
]


@pytest.mark.parametrize(("value", "encoded"), CANONICAL)
def test_every_type_encodes_to_its_canonical_bytes_and_back(value: gtv.Gtv, encoded: str) -> None:
    data = bytes.fromhex(encoded)
    assert gtv.encode(value) == data
    assert gtv.decode(data, trailing=False) == value
    assert type(gtv.decode(data)) is type(value)
    assert is_canonical(data)


@pytest.mark.parametrize("size", [0, 121, 122, 123, 124, 125, 126, 127, 128, 250, 255, 256, 65_529, 65_536])
def test_lengths_are_minimal_on_both_sides_of_each_boundary(size: int) -> None:
    value: list[gtv.Encodable] = [bytes(size), "y" * size, {"k" * size: [bytes(size)]}]
    data = gtv.encode(value)
    assert gtv.decode(data, trailing=False) == value
    assert is_canonical(data)


def test_tuples_are_written_as_arrays() -> None:
    assert gtv.encode((1, ("x",))) == gtv.encode([1, ["x"]])


def test_dict_keys_are_in_the_order_of_their_utf_16_code_units() -> None:
    astral, private_use = "\U00010000", "\uffff"
    data = gtv.encode({private_use: 1, astral: 2, "z": 3, "": 4})
    decoded = gtv.decode(data)
    assert isinstance(decoded, dict)
    assert list(decoded) == ["", "z", astral, private_use]
    assert sorted(decoded) == ["", "z", private_use, astral]


def test_of_equal_dict_keys_the_last_value_wins_and_the_bytes_are_not_canonical() -> None:
    data = bytes.fromhex("A416301430080C0161A30302010130080C0161A303020102")
    assert gtv.decode(data, trailing=False) == {"a": 2}
    assert not is_canonical(data)


def test_a_dict_in_another_order_is_read_in_the_right_one() -> None:
    data = bytes.fromhex("A416301430080C0162A30302010130080C0161A303020102")
    decoded = gtv.decode(data)
    assert isinstance(decoded, dict)
    assert list(decoded.items()) == [("a", 2), ("b", 1)]
    assert not is_canonical(data)


LENIENT: list[tuple[str, gtv.Gtv, str]] = [
    ("A0000500", None, "a wrapper's length is not enforced"),
    ("A07F0500", None, "a wrapper's length is not enforced"),
    ("A0800500", None, "a wrapper may be indefinite"),
    ("A084FFFFFFFF0500", None, "a wrapper's length may even be negative to Java"),
    ("A3810302010A", 10, "a wrapper's length need not be minimal"),
    ("A30402810101", 1, "a length need not be minimal"),
    ("A3070284000000010A", 10, "a length may have four octets"),
    ("A30402020001", 1, "an integer need not be minimal"),
    ("A30D020B0000000000000000000001", 1, "an integer of many bytes may fit 64 bits"),
    ("A6040202FFFF", gtv.BigInteger(-1), "a big integer need not be minimal"),
]


@pytest.mark.parametrize(("encoded", "value", "why"), LENIENT)
def test_what_nodes_read_is_read_although_it_is_not_canonical(encoded: str, value: gtv.Gtv, why: str) -> None:
    data = bytes.fromhex(encoded)
    assert gtv.decode(data, trailing=False) == value, why
    assert not is_canonical(data)


def test_bytes_after_the_value_are_ignored_unless_they_must_not_be_there() -> None:
    data = bytes.fromhex("A303020107FF")
    assert gtv.decode(data) == 7
    assert not is_canonical(data)
    with pytest.raises(gtv.TrailingBytes, match="1 bytes follow"):
        gtv.decode(data, trailing=False)


REFUSED: list[tuple[str, type[gtv.GtvError]]] = [
    ("", gtv.Truncated),
    ("A7020500", gtv.UnknownTag),
    ("0500", gtv.UnknownTag),
    ("80020500", gtv.UnknownTag),
    ("B5023000", gtv.UnknownTag),
    ("A0020400", gtv.UnknownTag),
    ("A1020C00", gtv.UnknownTag),
    ("A5023100", gtv.UnknownTag),
    ("A003050100", gtv.BadLength),
    ("A3020200", gtv.BadLength),
    ("A6020200", gtv.BadLength),
    ("A5023080", gtv.BadLength),
    ("A1060480000000", gtv.BadLength),
    ("A107048500000000000000", gtv.BadLength),
    ("A085000000000005", gtv.BadLength),
    ("A5043002A0020500", gtv.BadLength),
    ("A50A3003A0020500A0020500", gtv.BadLength),
    ("A40C300A30070C0161A303020101", gtv.BadLength),
    ("A40C300A30090C0161A303020101FF", gtv.BadLength),
    ("A40C300AA0080C0161A303020101", gtv.UnknownTag),
    ("A40C300A3008A20161A303020101", gtv.UnknownTag),
    ("A30B0209008000000000000000", gtv.IntegerTooLarge),
    ("A30B0209FF7FFFFFFFFFFFFFFF", gtv.IntegerTooLarge),
]


@pytest.mark.parametrize(("encoded", "error"), REFUSED)
def test_what_nodes_do_not_read_is_refused_by_cause(encoded: str, error: type[gtv.GtvError]) -> None:
    with pytest.raises(gtv.GtvError) as refused:
        gtv.decode(bytes.fromhex(encoded))
    assert type(refused.value) is error


def test_an_integer_beyond_64_bits_is_read_as_a_big_integer_only() -> None:
    content = (2**63).to_bytes(9, "big")
    with pytest.raises(gtv.IntegerTooLarge):
        gtv.decode(b"\xa3\x0b\x02\x09" + content)
    assert gtv.decode(b"\xa6\x0b\x02\x09" + content) == 2**63


def test_a_cut_at_any_place_is_a_typed_error() -> None:
    value: list[gtv.Encodable] = [
        None,
        b"\x00" * 200,
        "text" * 50,
        -5,
        gtv.BigInteger(2**90),
        {"key": [1, {"inner": "x" * 300}]},
    ]
    data = gtv.encode(value)
    for length in range(len(data)):
        with pytest.raises(gtv.Truncated):
            gtv.decode(data[:length])


@pytest.mark.parametrize("tag", ["A104", "A20C", "A302", "A530", "A430", "A602"])
@pytest.mark.parametrize("length", ["847FFFFFFF", "84FFFFFFFF", "83FFFFFF", "82FFFF"])
def test_a_length_beyond_the_bytes_is_refused_without_memory_for_it(tag: str, length: str) -> None:
    with pytest.raises(gtv.Truncated, match="are announced"):
        gtv.decode(bytes.fromhex(tag[:2] + "05" + tag[2:] + length + "00"))


def nested(depth: int) -> gtv.Gtv:
    value: gtv.Gtv = 1
    for _ in range(depth):
        value = [value]
    return value


def nested_bytes(depth: int) -> bytes:
    """Arrays inside arrays, with heads of a fixed size so that a million of them are quickly made."""
    heads = [
        b"\xa5\x84" + (inner + 6).to_bytes(4, "big") + b"\x30\x84" + inner.to_bytes(4, "big")
        for inner in range(0, depth * 12, 12)
    ]
    return b"".join(reversed(heads))


def test_a_thousand_collections_inside_each_other_are_read_and_written() -> None:
    data = gtv.encode(nested(gtv.MAX_DEPTH))
    assert gtv.encode(gtv.decode(data)) == data


@pytest.mark.parametrize("depth", [gtv.MAX_DEPTH + 1, 10_000, 1_000_000])
def test_deeper_nesting_is_refused_as_such(depth: int) -> None:
    with pytest.raises(gtv.TooDeep):
        gtv.decode(nested_bytes(depth))
    assert not is_canonical(nested_bytes(depth))
    with pytest.raises(gtv.TooDeep):
        gtv.encode(nested(depth))


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[gtv.Gtv] = []
    endless.append(endless)
    with pytest.raises(gtv.TooDeep):
        gtv.encode(endless)


def test_deep_dicts_are_refused_like_deep_arrays() -> None:
    value: gtv.Gtv = {}
    for _ in range(gtv.MAX_DEPTH):
        value = {"a": value}
    with pytest.raises(gtv.TooDeep):
        gtv.encode(value)


# As java.lang.String reads them (seen on a JVM, OpenJDK 17).
REPLACED = [
    ("80", "\ufffd"),
    ("C080", "\ufffd\ufffd"),
    ("E282", "\ufffd"),
    ("E28241", "\ufffdA"),
    ("E08080", "\ufffd\ufffd\ufffd"),
    ("EDA080", "\ufffd"),
    ("EDA0", "\ufffd"),
    ("EDBFBF41", "\ufffdA"),
    ("EDA080EDB080", "\ufffd\ufffd"),
    ("EDA041", "\ufffdA"),
    ("F09080", "\ufffd"),
    ("F0908041", "\ufffdA"),
    ("F4908080", "\ufffd\ufffd\ufffd\ufffd"),
    ("F5808080", "\ufffd\ufffd\ufffd\ufffd"),
    ("FF", "\ufffd"),
]


@pytest.mark.parametrize(("raw", "text"), REPLACED)
def test_invalid_utf_8_is_replaced_as_java_does_and_is_not_canonical(raw: str, text: str) -> None:
    content = bytes.fromhex(raw)
    data = bytes((0xA2, len(content) + 2, 0x0C, len(content))) + content
    assert gtv.decode(data) == text
    assert not is_canonical(data)


@pytest.mark.parametrize("value", [True, 1.5, object(), {1: 2}, ["\ud800"], {"\ud800": 1}, [{"a": {True}}]])
def test_what_gtv_has_no_type_for_is_not_encoded(value: object) -> None:
    with pytest.raises(gtv.NotEncodable):
        gtv.encode(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1 << 20_000], ids=["above", "below", "far above"])
def test_an_integer_that_does_not_fit_is_not_encoded_unless_it_is_a_big_one(value: int) -> None:
    with pytest.raises(gtv.IntegerTooLarge, match="BigInteger"):
        gtv.encode(value)
    assert gtv.decode(gtv.encode(gtv.BigInteger(value))) == value


def test_a_big_integer_says_what_it_is() -> None:
    assert repr(gtv.BigInteger(-5)) == "BigInteger(-5)"
    assert repr(gtv.BigInteger(1 << 20_000)) == f"BigInteger(0x1{'0' * 5000})"
    assert gtv.BigInteger(5) == 5


def test_a_big_integer_is_no_integer_nor_is_a_text() -> None:
    assert gtv.is_integer(5)
    assert not gtv.is_integer(gtv.BigInteger(5))
    assert not gtv.is_integer("5")
