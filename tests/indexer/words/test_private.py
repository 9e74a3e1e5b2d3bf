"""What is private in a text is found, and what only looks like it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.words.private import FILL, Kind, blotted, kinds_in, kinds_of, masked, private_in

GITHUB = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
EMAIL, PHONE, TOKEN, PRIVATE_KEY, PASSWORD = Kind
HOSTILE = [
    "a", "sk-", "1", "1 ", "key: ", "://a:", "://a:b@", "eyJ", "eyJaaaaaaaaaa.", "@", "a@", "a.", "a@a.",
    "//", "(", "+1 ", "awskey", "api_key=", "xoxb-1-", "M.", "a-", "415-555-2671 ", "x@a.a.a.a.a.",
    "-----BEGIN PRIVATE KEY-----",
]  # fmt: skip


def places(text: str) -> list[tuple[str, Kind]]:
    return [(text[each.start : each.end], each.kind) for each in private_in(text)]


@pytest.mark.parametrize(
    ("text", "private", "kind"),
    [
        ("Write to ann.lee+x@mail.example.org, please.", "ann.lee+x@mail.example.org", EMAIL),
        ("mailto:jörg@exämple.de", "jörg@exämple.de", EMAIL),
        ("call +41 44 668 18 00 now", "+41 44 668 18 00", PHONE),
        ("call 0044 20 7946 0958", "0044 20 7946 0958", PHONE),
        ("call (415) 555-2671.", "(415) 555-2671", PHONE),
        ("call 415-555-2671", "415-555-2671", PHONE),
        (f"export TOKEN={GITHUB}", GITHUB, TOKEN),
        ("key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", TOKEN),
        ("use sk-proj-abcdEFGH1234567890abcd", "sk-proj-abcdEFGH1234567890abcd", TOKEN),
        ("use sk-ant-api03-abcdEFGH1234567890abcd", "sk-ant-api03-abcdEFGH1234567890abcd", TOKEN),
        ("xoxb-123456789012-abcdefghijkl", "xoxb-123456789012-abcdefghijkl", TOKEN),
        (f"Bearer {JWT}", JWT, TOKEN),
        (f"hf_{'aB3' * 11}", f"hf_{'aB3' * 11}", TOKEN),
        (f"my private key: 0x{'4f' * 32}!", "4f" * 32, TOKEN),
        (f"PRIVATE_KEY={'A0' * 32}", "A0" * 32, TOKEN),
        (f'api_key = "{"a1" * 22}"', "a1" * 22, TOKEN),
        (f"{PEM} end", PEM, PRIVATE_KEY),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIE and so on",
            "-----BEGIN PRIVATE KEY-----\nMIIE and so on",
            PRIVATE_KEY,
        ),
        ("postgres://ann:hunter2@localhost/x", "hunter2", PASSWORD),
        ("postgres://ann:hunter2@db.example.org/x", "hunter2@db.example.org", PASSWORD),
    ],
)
def test_what_is_private_is_found(text: str, private: str, kind: Kind) -> None:
    assert places(text) == [(private, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "1727000000 2026-10-01 12.10.2026 3.1415926535 1,042 10 000 000 123456789",
        "127.0.0.1 192.168.100.200 123-456-789 1-2-3 (2024) 123-4567",
        "prompt 1042 of scout 12 with seed 4294967296",
        "9414886B4AD6F23C9414886B4AD6F23C9414886B4AD6F23C9414886B4AD6F23C",
        "user@localhost a@b.c @ann torch.nn.functional 5 @ 3.14",
        "https://example.org/a/very/long/path/to/some_file_name_2026.html?x=1",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "antidisestablishmentarianism token: none",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert places(text) == []


def test_places_are_in_order_and_do_not_overlap() -> None:
    text = f"a@example.com {GITHUB} +41446681800 a@example.com"
    assert [kind for _, kind in places(text)] == [EMAIL, TOKEN, PHONE, EMAIL]


def test_a_masked_text_has_a_fill_there_and_a_blotted_one_says_what_was() -> None:
    text = f"to a@example.com: {GITHUB}."
    assert masked(text) == f"to {FILL * 13}: {FILL * len(GITHUB)}."
    assert blotted(text) == "to [e-mail address]: [key or token]."
    assert blotted("nothing") == masked("nothing") == "nothing"


def test_kinds_are_kept_as_bits() -> None:
    assert kinds_of(kinds_in(f"a@example.com {GITHUB} b@example.com")) == [EMAIL, TOKEN]
    assert kinds_of(kinds_in("nothing")) == []


@given(st.text(st.sampled_from("a1@.+-( )_:/=sk\n\ud800é"), max_size=200))
def test_a_masked_text_is_as_long_and_has_nothing_private(text: str) -> None:
    hidden = masked(text)
    assert len(hidden) == len(text)
    assert all(one in (other, FILL) for one, other in zip(hidden, text, strict=True))
    assert [each for each in private_in(text) if hidden[each.start : each.end].strip(FILL)] == []


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    text = (piece * 200_000)[:200_000]
    assert len(masked(text)) == len(text)
