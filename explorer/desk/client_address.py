"""Where a request comes from, as far as that is known."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_NETWORK = 64  # bits of an IPv6 address that one connection has to itself


def client_address(request: HttpRequest) -> str:
    """The client's IPv4 address, or the network of its IPv6 address; empty where it is none.

    ``NUM_PROXIES`` of the last addresses in X-Forwarded-For were written by proxies of ours; whatever stands
    before was written by the client.
    """
    try:
        found = ip_address(_stated(request))
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found.packed, _NETWORK), strict=False))


def _stated(request: HttpRequest) -> str:
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.NUM_PROXIES:
        return direct
    forwarded = request.headers.get("x-forwarded-for", "").split(",")
    return forwarded[-min(settings.NUM_PROXIES, len(forwarded))].strip() or direct
