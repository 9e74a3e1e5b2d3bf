"""Chains that have names, and the nodes to ask about them; and what a chain is called before any answers.

Source: Chasm's own programs and the directory chain, as of November 2026 (``docs/configuration.md``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from indexer.models import Chain, Node


@dataclass(frozen=True, slots=True)
class Named:
    """A chain, by its RID and the name that readers see, if it has one."""

    brid: bytes
    name: str = ""

    def __str__(self) -> str:
        rid = self.brid.hex().upper()
        return f"{self.name} ({rid[:8]}…)" if self.name else rid


@dataclass(frozen=True, slots=True)
class Network:
    """Chains and the nodes that are likely to have them, the likeliest first."""

    name: str
    chains: Sequence[Named]
    nodes: Sequence[str]


MAINNET = Network(
    "mainnet",
    (
        Named(
            bytes.fromhex("A870F5744F8C4EDFE5AAD5556B1B4DA1DCC6FB53B0E8CFAB84F9155A51D1042C"),
            "Chasm, since October 2024",
        ),
        Named(
            bytes.fromhex("BD8A4A23FD35BF0A711A8D65E94C06E651A286A412663A82AC2240416264C74D"),
            "Chasm, August 2024",
        ),
    ),
    (
        "https://dapps0.chromaway.com:7740",
        "https://chromia-mainnet.w3coins.io:7740",
        "https://mainnet-dapp1.sunube.net:7740",
        "https://chromia.01node.com:7740",
        "https://chromia-mainnet.caliber.build:443",
        "https://chromia.nocturnallabs.org:7740",
        "https://chromia2.stablelab.cloud:7740",
    ),
)
NETWORKS: Mapping[str, Network] = {MAINNET.name: MAINNET}


def register(chain: Named, nodes: Sequence[str], *, network: str = "") -> Chain:
    """Have a chain followed through these nodes, whether or not any answers yet."""
    row, _ = Chain.objects.get_or_create(brid=chain.brid)
    said = {"name": chain.name or row.name, "network": network or row.network}
    Chain.objects.filter(id=row.id).update(**said)
    for url in nodes:
        Node.objects.get_or_create(chain=row, url=url)
    return row


def follow(chain: Named, nodes: Sequence[str], *, network: str) -> Chain:
    """Have a chain followed. Nodes that are not a known network's are the ones to ask, and no others."""
    row = register(chain, nodes, network=network)
    if network not in NETWORKS:
        forget_nodes(row, but=nodes)
    return row


def forget_nodes(chain: Chain, *, but: Sequence[str]) -> None:
    """Ask no other nodes about a chain than these."""
    Node.objects.filter(chain=chain).exclude(url__in=but).delete()


def stop(brid: bytes) -> bool:
    """Ask nobody any more about a chain; what is indexed of it stays. Whether anybody was asked."""
    deleted, _ = Node.objects.filter(chain__brid=brid).delete()
    return deleted > 0


def leave(network: str, *, but: Chain | None = None) -> None:
    """Ask nobody any more about the chains of a network, but for one. What is indexed of them stays."""
    found = Node.objects.filter(chain__network=network)
    (found if but is None else found.exclude(chain=but)).delete()


def nodes_of(chain: Named) -> Sequence[str]:
    """The nodes that are asked about a chain; none where it is not followed."""
    return list(Node.objects.filter(chain__brid=chain.brid).order_by("id").values_list("url", flat=True))


def followed(*, but: Sequence[Chain] = ()) -> Sequence[tuple[Named, int]]:
    """Every chain of which nodes are asked, and how many are, without some."""
    rows = Chain.objects.exclude(id__in=[each.id for each in but]).annotate(nodes=Count("node"))
    return [(Named(bytes(row.brid), row.name), row.nodes) for row in rows.filter(nodes__gt=0).order_by("id")]
