"""The address of a node's REST API, checked once, and printable without its credentials."""

import ipaddress
import re
from dataclasses import dataclass, field

import httpx

from indexer.node.errors import BadNodeUrl

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """`origin` is scheme, host and port in one spelling; `shown` the whole address without credentials, for
    messages.

    `url` is without credentials too; `credentials` (user, password) go to the HTTP client and nowhere else.
    """

    origin: str
    shown: str
    loopback: bool
    url: httpx.URL
    credentials: tuple[str, str] | None = field(repr=False)


def parse(text: str) -> NodeAddress:
    """The address in `text` (`http://host:7740`, a path prefix and credentials allowed).

    Raises BadNodeUrl, which says what is wrong and never repeats credentials.
    """
    url = _url(text)
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    _check(url, host=host)
    port = url.port if url.port is not None else _PORTS[url.scheme]
    origin = f"{url.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    return NodeAddress(
        origin=origin,
        shown=origin + url.path.rstrip("/"),
        loopback=_is_loopback(host),
        url=httpx.URL(origin).copy_with(raw_path=url.raw_path),
        credentials=(url.username, url.password) if url.userinfo else None,
    )


def _url(text: str) -> httpx.URL:
    try:
        return httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError, TypeError):
        # The reason would repeat the address, and with it a password.
        raise BadNodeUrl("this is no address of a node; write it like http://localhost:7740") from None


def _check(url: httpx.URL, *, host: str) -> None:
    if url.scheme not in _PORTS:
        raise BadNodeUrl(
            "a node's address begins with http:// or https://, for example http://localhost:7740"
        )
    if not _HOST.fullmatch(host):
        raise BadNodeUrl("a node's address names a host, for example http://localhost:7740")
    if url.port is not None and not 0 < url.port < 65536:
        raise BadNodeUrl(f"the address of {host} names port {url.port}; ports go from 1 to 65535")
    if url.query or url.fragment:
        raise BadNodeUrl(f"the address of {host} must end after its path, without ? or #")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
