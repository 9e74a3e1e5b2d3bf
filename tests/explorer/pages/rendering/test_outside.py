"""Links that lead away: to https alone, and only to what this site signed."""

from urllib.parse import parse_qsl

import pytest
from django.test import override_settings

from explorer.pages.rendering.outside import LONGEST, Outside, outside, way_to

OF = "2026000001.3"


def asked_by(way: str) -> dict[str, str]:
    return dict(parse_qsl(way.partition("?")[2]))


def read(address: str) -> Outside:
    way = way_to(address, OF)
    assert way is not None
    asked = asked_by(way)
    found = outside(asked["to"], OF, asked["signed"])
    assert found is not None
    assert found.address == address
    return found


@pytest.mark.parametrize(
    ("address", "host", "user", "is_number", "is_spelled"),
    [
        ("https://example.org/a?b=1&c=%20#d", "example.org", "", False, False),
        ("https://EXAMPLE.org:8443/", "example.org:8443", "", False, False),
        ("https://bank.example@evil.example/", "evil.example", "bank.example", False, False),
        ("https://bank.example:443@evil.example/", "evil.example", "bank.example:443", False, False),
        ("https://192.0.2.1/", "192.0.2.1", "", True, False),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443", "", True, False),
        ("https://0x7f000001/", "0x7f000001", "", True, False),
        ("https://1.2.3.4./", "1.2.3.4.", "", True, False),
        ("https://3221225985/", "3221225985", "", True, False),
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com", "", False, True),
    ],
)
def test_it_says_who_is_asked_and_what_to_mind(
    address: str, host: str, user: str, is_number: bool, is_spelled: bool
) -> None:
    found = read(address)
    assert (found.host, found.user) == (host, user)
    assert (found.is_number, found.is_spelled) == (is_number, is_spelled)
    assert found.is_plain == (not (user or is_number or is_spelled))


def test_it_is_read_as_people_write_it_and_asked_for_as_machines_do() -> None:
    assert read("https://xn--bcher-kva.example/%C3%A4").written == "https://b\u00fccher.example/\u00e4"
    assert "\u202e" not in read("https://example.org/%E2%80%AEgpj.exe").written


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/", "javascript:alert(1)", "https:", "https://", "https:///path", "//example.org",
        "https://[::1", "https://example.org:99999/", "https://a.example\\@b.example/", "https://\u00e4.example/",
        "https://example.org/" + "a" * LONGEST, "https://%D0%B0pple.com/", "https://xn%2D%2D80ak6aa92e.com/",
        "https://bank.example%2Eevil.example/", "https://a b.example/", "https://a..example/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_https_is_no_link(address: str) -> None:
    assert way_to(address, OF) is None


def test_nothing_is_led_to_that_is_not_signed_here() -> None:
    def signed() -> dict[str, str]:
        return asked_by(way_to("https://example.org/", OF) or "")

    asked = signed()
    assert asked["of"] == OF
    assert outside("https://evil.example/", OF, asked["signed"]) is None
    assert outside(asked["to"], "2026000001.4", asked["signed"]) is None
    assert outside(asked["to"], OF, "") is None
    with override_settings(SECRET_KEY="of another site"):
        assert outside(asked["to"], OF, asked["signed"]) is None
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
        old = signed()
    with override_settings(SECRET_KEY="newer", SECRET_KEY_FALLBACKS=["new"]):
        assert outside(old["to"], OF, old["signed"]) is not None
