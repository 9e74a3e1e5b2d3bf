"""How many nodes there are behind several addresses: who says something under two names says it once.

Two addresses are one voice where they lead to the same place (host and port, as this machine resolves them;
its own addresses are one host), or where the nodes there say that the same public key is theirs. Nothing
proves such a key, and nothing needs to: whoever tells another node's key becomes one voice with it, so that a
lie makes voices fewer, never more. Whoever runs two nodes with two keys, or two proxies that tell none, still
counts as two.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv6Address, ip_address

import httpx

from indexer.node.client import NodeClient
from indexer.node.errors import NodeError
from indexer.node.transport import fail_fast

_THIS_MACHINE = "this machine"


def voices(nodes: Sequence[NodeClient], brid: bytes) -> list[list[NodeClient]]:
    """The nodes, those that are one voice together. Asks each of them for its key."""
    found: list[_Voice] = []
    for node in nodes:
        heard = _Voice([node], _marks(node, brid))
        for other in [each for each in found if each.marks & heard.marks]:
            found.remove(other)
            heard = _Voice(other.nodes + heard.nodes, other.marks | heard.marks)
        found.append(heard)
    return [each.nodes for each in found]


class _Voice:
    """Nodes that are one, and what they are known by."""

    __slots__ = ("marks", "nodes")

    def __init__(self, nodes: list[NodeClient], marks: frozenset[object]) -> None:
        self.nodes = nodes
        self.marks = marks


def _marks(node: NodeClient, brid: bytes) -> frozenset[object]:
    """What a node is known by: its address, where that leads to, and its key where it tells it."""
    marks: set[object] = {node.origin, *_places(node.origin)}
    with suppress(NodeError), fail_fast():  # an older or a silent node is known by its address alone
        marks.add(node.own_key(brid))
    return frozenset(marks)


def _places(origin: str) -> set[tuple[str, int]]:
    """Host and port of every address that a name leads to; none where it leads nowhere."""
    url = httpx.URL(origin)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return set()
    return {(_host(str(address[0])), port) for *_, address in found}


def _host(text: str) -> str:
    """One spelling for a host's address, and one name for all addresses of this machine."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified or _is_ours(str(address), v6=address.version == 6):
        return _THIS_MACHINE
    return str(address)


def _is_ours(address: str, *, v6: bool) -> bool:
    """Whether it is an address of this machine: only such a one can be bound."""
    try:
        with socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
