"""Rell-normal JSON, held to what real nodes returned and to rules read off Jackson and PostgreSQL."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dapp import rell_json, rell_json_exact
from indexer.dapp.rell_json import Answer, NotJson, Reason, content_of, normalise, quote
from indexer.postchain import gtx
from indexer.postchain.gtx import Operation

RECORDINGS = Path(__file__).parents[2] / "recordings"
CHAINS = ["one-validator", "four-validators"]


# What the nodes returned


def lines(chain: str, name: str) -> Iterator[dict[str, Any]]:
    for line in (RECORDINGS / chain / f"{name}.jsonl").read_text().splitlines():
        yield json.loads(line)


@cache
def operations(chain: str) -> list[Operation]:
    pages = [json.loads(line["response"]["body"]) for line in lines(chain, "chain")]
    blocks = {block["height"]: block for page in pages if isinstance(page, list) for block in page}
    return [
        operation
        for height in sorted(blocks)
        for transaction in blocks[height]["transactions"]
        for operation in gtx.decode(bytes.fromhex(transaction["data"]), version=1).operations
    ]


@cache
def signed(chain: str) -> tuple[dict[int, str], dict[int, list[str]]]:
    """The messages and the successive results of each prompt, as they were signed."""
    messages: dict[int, str] = {}
    results: dict[int, list[str]] = defaultdict(list)
    for operation in operations(chain):
        match operation.name, operation.arguments:
            case "add_prompt_history", (_, str(said), str(result), *_):
                messages[len(messages) + 1] = said
                results[len(messages)].append(result)
            case "update_prompt_history", (int(prompt_id), str(result)):
                results[prompt_id].append(result)
    return messages, results


def rows_in(answer: object) -> Iterator[dict[str, Any]]:
    if isinstance(answer, dict) and "messages" in answer:
        yield answer
    elif isinstance(answer, dict):
        yield from rows_in(answer.get("prompts"))
    elif isinstance(answer, list):
        for each in answer:
            yield from rows_in(each)


def exactly(text: str) -> str:
    return rell_json_exact.write(rell_json_exact.read(text))


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("way", [normalise, exactly])
def test_every_row_of_the_final_state_is_what_was_signed_normalised(chain: str, way: Any) -> None:
    messages, results = signed(chain)
    rows = list(lines(chain, "state"))
    assert len(rows) >= 120
    for row in rows:
        assert way(messages[row["prompt_id"]]) == row["messages"]
        assert way(results[row["prompt_id"]][-1]) == row["result"]


@pytest.mark.parametrize("chain", CHAINS)
def test_every_row_that_a_query_returned_is_a_signed_revision_normalised(chain: str) -> None:
    messages, results = signed(chain)
    seen = 0
    for line in lines(chain, "queries"):
        body = line["response"].get("body", "")
        if line["response"]["status"] != 200 or '"messages"' not in body:
            continue
        for row in rows_in(json.loads(body)):
            seen += 1
            assert normalise(messages[row["prompt_id"]]) == row["messages"]
            assert row["result"] in map(normalise, results[row["prompt_id"]])
    assert seen > 50


@pytest.mark.parametrize("chain", CHAINS)
def test_what_a_node_refused_as_no_json_is_refused_here(chain: str) -> None:
    texts = []
    for line in lines(chain, "posts"):
        if "Decoding type \\u0027json\\u0027" in line["response"]["body"]:
            body = line["request"]["body"]
            data = json.loads(body)["tx"] if body.startswith("{") else body
            arguments = gtx.decode(bytes.fromhex(data), version=1).operations[0].arguments
            texts += [each for each in arguments[1:3] if isinstance(each, str) and each not in ("[]", "{}")]
    assert len(texts) >= 4
    for text in texts:
        with pytest.raises(NotJson):
            normalise(text)


# What Jackson 2.17 on Java 25 and PostgreSQL 18 made of these texts, run once by hand

COMES_BACK = [
    ('{"b":1,"a":2,"aa":3,"B":4}', '{"B":4,"a":2,"b":1,"aa":3}'),
    ('{"€":1,"é":2,"zz":3,"z":4}', '{"z":4,"zz":3,"é":2,"€":1}'),
    ('{"\ue000":1,"😀":2,"\uffff":3}', '{"\ue000":1,"\uffff":3,"😀":2}'),
    ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
    ('{"":1}', '{"":1}'),
    (" [ 1 , 2 ]\r\n\t", "[1,2]"),
    (
        "[2.50,1e2,0.0001,12345678.5,1E7,1e22,1.5e7,123456789012345680000.0]",
        "[2.5,100.0,1.0E-4,1.23456785E7,10000000,10000000000000000000000,15000000,123456789012345680000]",
    ),
    (
        "[1e-3,9.999e-4,0.00099999,9999999.999999998,2e23,1E+2,1e-0]",
        "[0.001,9.999E-4,9.9999E-4,9999999.999999998,200000000000000000000000,100.0,1.0]",
    ),
    ("[4.9e-324,9.9e-324,1e-323,1.5e-323,2e-323]", "[4.9E-324,9.9E-324,9.9E-324,1.5E-323,2.0E-323]"),
    ("[3e-323,1e-322,2.2250738585072014E-308]", "[3.0E-323,9.9E-323,2.2250738585072014E-308]"),
    ("[-0,-0.0,0,-0e5,0E-7]", "[0,0.0,0,0.0,0.0]"),
    ("-0", "0"),
    ("[1e400,-1e400,1e-400,-1e-400]", '["Infinity","-Infinity",0.0,0.0]'),
    ("1" * 400 + ".5", '"Infinity"'),
    ("0.1" + "1" * 500, "0.1111111111111111"),
    ("[123456789012345678901234567890123,-9223372036854775809]",) * 2,
    ('"\\u001f\\u000b\\u0008\\u0085\\u007f\\/"', '"\\u001F\\u000B\\b\x85\x7f/"'),
    ('"\\\\u001f \\\\\\u001f"', '"\\\\u001f \\\\\\u001F"'),
    ('"\u2028\u2029"',) * 2,
    ('"\\ud83d\\ude00"', '"😀"'),
    ('"\\ud800\\ud800"', '"??"'),
    ('"\\ud83d\\ud83d\\ude00"', '"?😀"'),
    ('"\\ude00\\ud83d"', '"??"'),
    ('{"\\ud800":1,"?":2}', '{"?":2}'),
    ('{"?":2,"\\ud800":1}', '{"?":1}'),
    ('{"\\ud800":1,"?":2,"\\ud800":3}', '{"?":2}'),
    ('{"a":1}{"b":2}', '{"a":1}'),
    ("[1]]", "[1]"),
    ("1 x", "1"),
    ('"a"b', '"a"'),
    ("true,", "true"),
    ("true]", "true"),
    ("null$", "null"),
    ("true½", "true"),
    ("true😀", "true"),
    ("true\x00", "true"),
]

REFUSED = [
    *["", "  ", "NaN", "[NaN]", "Infinity", "[-Infinity]", "{'a':1}", "{a:1}", "{1:2}", "/*x*/1"],
    *['{"a":1,}', "[1,]", "[,1]", "[1 2]", "[1", '{"a"', '{"a":}', '{"a" 1}', '"abc', "nul"],
    *["01", "[01]", "1.", "1e", "-", "--1", "+1", ".5", "[.5]", "1.5.5"],
    *["42abc", "42]", "42,1", "1}", "1.5x", "1e5x", "42\x01", "1\u00a0", "1\x00"],
    *["true1", "truefalse", "nullé", "null€", "null_", "null\x7f", "true\u0301", "true\u200d", "true٣"],
    *["\ufeff{}", "\ufeff", " \x0b1", "\x0c1", "\xa01", "\u20281", "\u00851", "[\x001]", "tr\x00ue"],
    *['"\x01"', '"\t"', '"\n"', '"\\x"', '"\\u12"', '"\\u00g0"', '"\\'],
]


@pytest.mark.parametrize(("text", "normal"), COMES_BACK)
def test_a_text_comes_back_as_jackson_and_jsonb_write_it(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert exactly(text) == normal
    assert content_of(text).normal == normal


@pytest.mark.parametrize("text", REFUSED)
def test_what_jackson_refuses_is_no_json(text: str) -> None:
    with pytest.raises(NotJson):
        normalise(text)
    assert content_of(text) == Answer(text, None, Reason.NOT_JSON)


def test_a_refusal_says_where_and_what_to_do() -> None:
    with pytest.raises(NotJson, match=r"missing at character 7; keep the text as it was signed"):
        normalise('{"a":1 2}')


def test_an_escaped_nul_is_kept_for_the_database_layer() -> None:
    assert normalise('{"\\u0000":"\\u0000"}') == '{"\\u0000":"\\u0000"}'


def test_an_integer_of_any_length_keeps_its_digits() -> None:
    for digits in (4_300, 4_301, 5_000):
        assert normalise(f"[-{'9' * digits}]") == f"[-{'9' * digits}]"


@pytest.mark.parametrize("depth", [500, 1_000, 100_000])
def test_deep_arrays_need_no_recursion(depth: int) -> None:
    assert normalise("[" * depth + " ]" + "]" * (depth - 1)) == "[" * depth + "]" * depth
    with pytest.raises(NotJson):
        normalise("[" * depth)


@pytest.mark.parametrize("depth", [500, 1_000, 20_000])
def test_deep_objects_need_no_recursion(depth: int) -> None:
    objects = '{"bb":' * depth + '"x"' + ',"a":0}' * depth
    assert normalise(objects) == '{"a":0,"bb":' * depth + '"x"' + "}" * depth


def test_the_orders_that_are_remembered_are_few_and_small() -> None:
    for number in range(rell_json._ROOM + 10):
        normalise(f'{{"z{number}":1,"a":2}}')
    kept = normalise(json.dumps({f"k{number:03}": number for number in range(200)}))
    assert kept.startswith('{"k000":0,"k001":1,')
    normalise(json.dumps({"z" * 10_000: 1}))
    assert len(rell_json._orders) <= rell_json._ROOM
    assert all(sum(map(len, keys)) <= rell_json._MOST_LETTERS for keys in rell_json._orders)
    assert all(len(keys) <= rell_json._MOST_KEYS for keys in rell_json._orders)


# The content of an answer


def completion(content: str) -> str:
    return f'{{"id": "c1", "choices": [{{"index": 0, "message": {{"content": {content}}}}}], "x": 1}}'


def test_the_content_of_the_first_choice_is_found() -> None:
    assert content_of(completion('"a \\u00e9\\n"')) == Answer(
        '{"x":1,"id":"c1","choices":[{"index":0,"message":{"content":"a é\\n"}}]}', "a é\n", None
    )


@pytest.mark.parametrize("garbage", ["", " and then some", ', "\ud800"'])
@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("[]", Reason.NOT_AN_OBJECT),
        ('"text"', Reason.NOT_AN_OBJECT),
        ("null", Reason.NOT_AN_OBJECT),
        ("{}", Reason.NO_CHOICES),
        ('{"choices":[]}', Reason.NO_CHOICES),
        ('{"choices":{"0":1}}', Reason.NO_CHOICES),
        ('{"choices":[1]}', Reason.NO_MESSAGE),
        ('{"choices":[{"message":"a"}]}', Reason.NO_MESSAGE),
        ('{"choices":[{"message":{}}]}', Reason.NO_CONTENT),
        (completion("null"), Reason.NO_CONTENT),
        (completion("1"), Reason.CONTENT_IS_NOT_TEXT),
        (completion("true"), Reason.CONTENT_IS_NOT_TEXT),
        (completion("0.00001"), Reason.CONTENT_IS_NOT_TEXT),
        (completion("123456789012345678901234567890"), Reason.CONTENT_IS_NOT_TEXT),
        (completion('[{"type":"text","text":"a"}]'), Reason.CONTENT_IS_NOT_TEXT),
    ],
)
def test_the_reason_for_no_content_is_named(result: str, reason: Reason, garbage: str) -> None:
    assert content_of(result + garbage) == Answer(normalise(result), None, reason)


def test_content_is_what_a_query_returns_and_not_what_was_signed() -> None:
    assert content_of(completion('"a\\ud800b"')).content == "a?b"
    assert content_of(completion("1e999")).content == "Infinity"
    assert content_of(completion('"\\u0000"')).content == "\x00"


def test_a_string_is_quoted_as_it_stands_in_a_normalised_text() -> None:
    text = 'a"\\/\b\f\n\r\t\x00\x1f\x7f\u2028é😀'
    assert quote(text) == '"a\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001F\x7f\u2028é😀"'
    assert quote("\ud83d x \udc00") == '"? x ?"'
    assert normalise(json.dumps(text)) == quote(text)


# Properties

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)
pieces = st.sampled_from(
    [*'[]{},:"', "1", "-0", "0.5", "1e9", "1E-9", "true", "null", '"a"', '"\\ud800"', "\\", " ", "é", "\x00"]
)
texts = values.map(json.dumps) | st.text() | st.lists(pieces, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("99999999999999990000000", "100000000000000000000000"),
        ("[-99999999999999990000000,1.0E23]", "[-100000000000000000000000,100000000000000000000000]"),
        ('{"99999999999999990000000":"\\"99999999999999990000000"}', None),
        ("2.0000000000000001E-5", "2.0E-5"),
        ("12345678901234567890", None),
        ("1234567890123456", None),
        ("0", None),
        ('"no end 99999999999999990000000\\', None),
    ],
)
def test_doubles_are_spelled_again_as_newer_javas_do(older: str, newer: str | None) -> None:
    assert rell_json.respell(older) == (older if newer is None else newer)


@given(st.lists(st.floats(allow_nan=False) | st.text()))
def test_doubles_that_are_normal_are_spelled_so_already(value: list[float | str]) -> None:
    normal = normalise(json.dumps(value).replace("Infinity", "1e400"))
    assert rell_json.respell(normal) == normal


@given(texts, st.text(max_size=3))
def test_nothing_is_raised_but_not_json_and_both_ways_agree(text: str, garbage: str) -> None:
    try:
        normal = normalise(text + garbage)
    except NotJson:
        with pytest.raises(NotJson):
            exactly(text + garbage)
        return
    assert exactly(text + garbage) == normal
    assert normalise(normal) == normal
    normal.encode()


@given(values)
def test_a_value_comes_back_the_same_but_for_integral_doubles(value: object) -> None:
    text = json.dumps(value)
    assert json.loads(normalise(text), parse_int=float) == json.loads(text, parse_int=float)


@given(st.dictionaries(st.text(max_size=4), values, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_keys_does_not_matter(value: dict[str, object], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    assert normalise(json.dumps({key: value[key] for key in keys})) == normalise(json.dumps(value))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_comes_back_as_itself_in_two_digits_or_as_few_as_can_be(number: float) -> None:
    text = normalise(repr(number))
    assert float(text) == number or text == "Infinity"
    if "E" in text:
        mantissa, exponent = text.lstrip("-").split("E")
        assert len(mantissa) == max(
            3, len(f"{number!r}".lstrip("-").split("e")[0].replace(".", "").strip("0")) + 1
        )
        assert not -3 <= int(exponent) < 7
    assert math.copysign(1, float(text)) == math.copysign(1, number) or number == 0


@given(st.text())
def test_quoting_is_normalising_a_string(text: str) -> None:
    assert normalise(quote(text)) == quote(text) == normalise(json.dumps(text))
