"""What may be the address of a node, and that its credentials stay in it."""

import pytest

from indexer.node.address import parse
from indexer.node.errors import BadNodeUrl


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://localhost:7740", "http://localhost:7740"),
        ("  HTTP://LocalHost:7740/ ", "http://localhost:7740"),
        ("https://node.example.org", "https://node.example.org:443"),
        ("http://node.example.org.", "http://node.example.org:80"),
        ("http://[::1]:7740", "http://[::1]:7740"),
        ("http://user:secret@127.0.0.1/rest/", "http://127.0.0.1:80"),
    ],
)
def test_one_origin_has_one_spelling(text: str, origin: str) -> None:
    assert parse(text).origin == origin


def test_a_path_is_shown_and_credentials_are_not() -> None:
    address = parse("https://user:secret@node.example.org/rest/")
    assert address.shown == "https://node.example.org:443/rest"
    assert "secret" not in repr(address)
    assert address.credentials == ("user", "secret")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:7740",
        "node.example.org",
        "ftp://user:secret@node.example.org",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@",
        "http://user:secret@a b",
        "http://user:secret@node.example.org:port",
        "http://user:secret@node.example.org:0",
        "http://user:secret@node.example.org:65536",
        "http://user:secret@node.example.org/?key=value",
        "http://user:secret@node.example.org/#top",
        "http://user:secret@node%00.example.org",
        "http://user:secret@\x00",
        "http://user:secret@[::1",
    ],
)
def test_what_cannot_be_a_node_is_refused_without_telling_its_credentials(text: str) -> None:
    with pytest.raises(BadNodeUrl) as caught:
        parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("node.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_hosts_on_this_machine_are_known(host: str, loopback: bool) -> None:
    assert parse(f"http://{host}:7740").loopback is loopback
