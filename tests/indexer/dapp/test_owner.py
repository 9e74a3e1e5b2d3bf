"""The first owner is read from the Rell source, and is unknown where it cannot be."""

import pytest

from indexer.dapp.owner import MOST_TEXT, first_owner
from tests.indexer.postchain import recorded

KEY = "031B84C5567B126440995D3ED5AABA0565D71E1834604819FF9C17F5E9D5DD078F"
OBJECT = 'object owner {\n    mutable prompt_id: integer = 0;\n    mutable address: pubkey = x"%s";\n}\n'


@pytest.mark.parametrize("chain", recorded.CHAINS)
def test_the_first_owner_of_a_recorded_chain_is_the_one_of_its_story(chain: str) -> None:
    found = first_owner(recorded.configurations(chain)[0].sources)
    assert found is not None
    assert found.hex().upper() == recorded.story(chain)["states"][0]["owner"]


@pytest.mark.parametrize(
    "source",
    [
        OBJECT % KEY,
        OBJECT % KEY.lower(),
        OBJECT.replace('"', "'") % KEY,
        OBJECT.replace("pubkey", "byte_array") % KEY,
        f'object owner{{mutable address:pubkey=x"{KEY}";mutable prompt_id:integer=0;}}',
        f"@mount('owner')\nobject owner {{ // the key\n mutable address: pubkey = /* first */ x\"{KEY}\"; }}",
        "module;\nentity address { key: pubkey; }\n" + OBJECT % KEY,
    ],
)
def test_the_literal_is_found_however_it_is_written(source: str) -> None:
    assert first_owner({"production.rell": source}) == bytes.fromhex(KEY)


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"main.rell": "module;"},
        {"main.rell": "// " + (OBJECT % KEY).replace("\n", " ")},
        {"main.rell": "/* " + OBJECT % KEY + "*/"},
        {"main.rell": "object owner { mutable address: pubkey = chain_context.args.owner; }"},
        {"main.rell": 'object owner { mutable address: pubkey = x"123"; }'},
        {"main.rell": OBJECT % KEY, "other.rell": OBJECT % ("02" + KEY[2:])},
        {"main.rell": f'object former_owner {{ mutable address: pubkey = x"{KEY}"; }}'},
    ],
)
def test_an_owner_who_is_not_told_in_one_literal_is_unknown(sources: dict[str, str]) -> None:
    assert first_owner(sources) is None


def test_the_same_literal_in_two_files_is_one_owner() -> None:
    assert first_owner({"a": OBJECT % KEY, "b": OBJECT % KEY.lower()}) == bytes.fromhex(KEY)


@pytest.mark.parametrize("start", ["", OBJECT % KEY])
@pytest.mark.parametrize(
    "piece",
    [
        "/*",
        "object owner ",
        "object owner {",
        "object owner { address: pubkey = x'",
        "object ",
        "address ",
        "{",
    ],
)
def test_hostile_sources_are_read_to_their_end(start: str, piece: str) -> None:
    expected = bytes.fromhex(KEY) if start else None
    assert first_owner({"a": start + piece * 50_000}) == expected


@pytest.mark.parametrize("piece", ["/*", "object owner { address: pubkey = x'", "address ", " "])
def test_of_sources_that_are_too_long_nothing_is_concluded(piece: str) -> None:
    found = {"a": OBJECT % KEY, "b": (piece * (MOST_TEXT // len(piece)))[: MOST_TEXT - len(OBJECT % KEY)]}
    assert first_owner(found) == bytes.fromhex(KEY)
    assert first_owner({**found, "c": " "}) is None
    assert first_owner({"a": OBJECT % KEY + piece * MOST_TEXT}) is None


def test_what_is_no_closed_comment_is_code() -> None:
    assert first_owner({"a": 'val a = "/*"; // said\n' + OBJECT % KEY}) == bytes.fromhex(KEY)


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("object owner { } object owner { address: pubkey = x'%s'; }", True),
        ("object owner { object owner } { address: pubkey = x'%s'; }", True),
        ("object owner { } address: pubkey = x'%s';", False),
        ("object owner { address: pubkey = x'00'; address: pubkey = x'%s'; }", True),
        ("object owner { address: pubkey = x'%s'; object owner { } }", True),
    ],
)
def test_the_body_ends_where_the_first_brace_closes(source: str, is_found: bool) -> None:
    assert first_owner({"a": source % KEY}) == (bytes.fromhex(KEY) if is_found else None)
