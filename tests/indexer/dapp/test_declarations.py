"""Parameter names from Rell sources, whatever else stands there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dapp.declarations import declarations
from tests.indexer.postchain import recorded


def parameters(source: str, name: str, count: int) -> list[str] | None:
    found = declarations({"main.rell": source}).parameters(name, count=count)
    return None if found is None else list(found)


@pytest.mark.parametrize(
    ("declared", "names"),
    [
        ("()", []),
        ("( )", []),
        ("(a: integer)", ["a"]),
        ("(a: integer, b: text?)", ["a", "b"]),
        (
            "(\n    a: integer,\n    b: map<text, list<integer>>,\n    c: (x: text, y: text)\n)",
            ["a", "b", "c"],
        ),
        ("(a: integer = 1, b: text = 'x, (', c: map<text, integer> = map<text, integer>())", ["a", "b", "c"]),
        ("(a: integer /* b: text, */, // c: text)\n d: text)", ["a", "d"]),
        ("(a: (integer, text) -> text, b: integer)", ["a", "b"]),
        ("(user, lib.ft4.account, name?)", ["user", "account", "name"]),
        ('(a: text = "// no comment \\" and, no end", b: text)', ["a", "b"]),
        ("(a: integer,)", None),
        ("(1: integer)", None),
        ("(a: list<integer, b: text)", None),
    ],
)
def test_the_names_of_parameters_are_read(declared: str, names: list[str] | None) -> None:
    source = f"module;\n@mount('x')\noperation  note{declared} {{ require(true); }}"
    assert parameters(source, "note", len(names or ())) == names


def test_a_list_that_is_not_closed_hides_none_after_it() -> None:
    source = "operation note(a: text; operation other(b: text) {} operation last(c"
    assert parameters(source, "other", 1) == ["b"]
    assert parameters(source, "note", 1) is None
    assert parameters(source, "last", 1) is None


def test_those_left_out_have_defaults_and_no_more_can_be_given() -> None:
    source = "operation note(a: integer, b: text = '') {}"
    assert parameters(source, "note", 1) == ["a"]
    assert parameters(source, "note", 3) is None


def test_an_operation_of_a_mounted_module_is_found_by_the_last_part_of_its_name() -> None:
    assert parameters("@mount('ft4') module; operation ft_auth(id: byte_array) {}", "ft4.ft_auth", 1) == [
        "id"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "// operation note(a: text) {}",
        "/* operation note(a: text) {}",
        "val x = 'operation note(a: text)';",
    ],
)
def test_what_only_looks_like_a_declaration_is_none(source: str) -> None:
    assert parameters(source, "note", 1) is None


def test_two_declarations_count_where_they_agree() -> None:
    one, other, same = (
        "operation note(a: text) {}",
        "operation note(b: text) {}",
        "operation note(a: integer) {}",
    )
    assert parameters(one + other, "note", 1) is None
    assert parameters(one + same, "note", 1) == ["a"]


@pytest.mark.parametrize(
    "piece", ["/*", "/", '"', '"\\', "'", "operation a(", "operation a(b<", "(", "<,", "\\"]
)
def test_hostile_sources_are_read_to_their_end(piece: str) -> None:
    declarations({"a": piece * 20_000, "b": "operation a(" + piece * 20_000})


@pytest.mark.parametrize("gap", [" ", "\n", "/**/"])
def test_a_parameter_that_is_followed_by_a_long_gap_is_read_once(gap: str) -> None:
    assert parameters(f"operation a(b{gap * 300_000}!)", "a", 1) is None
    assert parameters(f"operation a(b{gap * 300_000}?: text)", "a", 1) == ["b"]


@given(st.text(alphabet="operation a(b:<>,)\"'/*\\\n=?-x{}", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    declarations({"a": text, "b": f"operation a({text}"})


def test_the_upgraded_dapp_of_the_recordings_declares_its_note() -> None:
    newest = max(recorded.configurations("four-validators").items())[1]
    assert declarations(newest.sources).parameters("note_prompt", count=7) == (
        "prompt_id",
        "note",
        "weight",
        "tags",
        "detail",
        "blob",
        "maybe",
    )
