"""Whom a request is counted for."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from explorer.desk.client_address import client_address


@pytest.mark.parametrize(
    ("proxies", "direct", "forwarded", "found"),
    [
        (0, "192.0.2.1", "", "192.0.2.1"),
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (1, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "10.0.0.1", "203.0.113.9, 198.51.100.7,10.0.0.2", "198.51.100.7"),
        (3, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "198.51.100.7, not an address", ""),
        (0, "", "", ""),
        (0, "unix:", "", ""),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "2001:db8:1:2::", "", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (0, "fe80::1%eth0", "", "fe80::/64"),
    ],
)
def test_it_is_what_our_own_proxies_say(
    proxies: int, direct: str, forwarded: str, found: str, rf: RequestFactory, settings: Settings
) -> None:
    settings.NUM_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_address(rf.get("/", REMOTE_ADDR=direct, headers=headers)) == found
