"""What is to be followed, as it was asked for on a command line: nodes, chains, or a network by its name."""

import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.follow.networks import NETWORKS, Named
from indexer.node.address import parse
from indexer.node.errors import BadNodeUrl


class BadPlan(Exception):
    """Options that cannot be meant; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Chains and the nodes to ask about them. Without chains the nodes' first one is meant."""

    nodes: Sequence[str]
    chains: Sequence[Named]
    network: str = ""

    @property
    def names_nothing(self) -> bool:
        """Whether nothing was asked for."""
        return not self.nodes


def add_arguments(parser: ArgumentParser) -> None:
    """The options that make a plan."""
    parser.add_argument("--node", default="", help="URL of a node to follow; several with commas")
    parser.add_argument("--brid", default="", help="RIDs of chains to follow, with commas")
    parser.add_argument("--network", default="", help=f"follow {' or '.join(NETWORKS)} instead")


def read(options: Mapping[str, Any]) -> Plan:
    """The plan that options make. Raises ``BadPlan``."""
    nodes, brids = _words("NODE", options["node"]), _words("BRID", options["brid"])
    if options["network"]:
        if nodes or brids:
            raise BadPlan(
                "NETWORK names chains and nodes itself: give it alone, or NODE and BRID without it."
            )
        return _of_network(options["network"])
    if brids and not nodes:
        raise BadPlan("BRID names a chain of a node: name that too, with NODE=http://host:port.")
    chains = dict.fromkeys(_brid(each) for each in brids)
    return Plan(list(dict.fromkeys(map(_node, nodes))), [Named(brid) for brid in chains])


def read_stop(options: Mapping[str, Any]) -> Sequence[Named]:
    """The chains about which nobody is to be asked any more. Raises ``BadPlan``."""
    brids = _words("BRID", options["brid"])
    if not brids or options["node"] or options["network"]:
        raise BadPlan("Say what not to follow any more: --stop with --brid, and nothing else.")
    return [Named(_brid(each)) for each in dict.fromkeys(brids)]


def _of_network(name: str) -> Plan:
    if name not in NETWORKS:
        raise BadPlan(f"NETWORK is {' or '.join(NETWORKS)}, not {name[:80]!r}.")
    network = NETWORKS[name]
    return Plan(network.nodes, network.chains, network.name)


def _node(text: str) -> str:
    try:
        address = parse(text)
    except BadNodeUrl as error:
        raise BadPlan(f"NODE cannot be used: {error}.") from error
    if address.credentials is not None:
        raise BadPlan(
            f"NODE {address.shown} comes with a user and a password, which are never written down, so that "
            "nobody could follow it: only `make sync` can use such an address."
        )
    return address.shown


def _words(name: str, text: str) -> list[str]:
    found = [each.strip() for each in text.split(",") if each.strip()]
    if text and not found:
        raise BadPlan(f"{name} is given and names nothing: leave it out, or say which one.")
    return found


def _brid(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise BadPlan(f"BRID must be 64 hexadecimal digits, not {text[:80]!r}.")
    return bytes.fromhex(text)
