"""What is to be followed, as a command line says it."""

import pytest

from indexer.follow.networks import MAINNET, Named
from indexer.management import plan
from indexer.management.plan import BadPlan, Plan

BRID = "ab" * 32


def read(*, node: str = "", brid: str = "", network: str = "") -> Plan:
    return plan.read({"node": node, "brid": brid, "network": network})


def test_nothing_is_a_plan_that_names_nothing() -> None:
    assert read().names_nothing


def test_a_node_without_a_chain_means_its_first_one() -> None:
    assert read(node=" http://localhost:7740/ ") == Plan(["http://localhost:7740"], [])


def test_several_are_kept_in_order_each_once() -> None:
    found = read(node="http://b:1,http://a:1, HTTP://B:1/", brid=f"{BRID.upper()},{'01' * 32},{BRID}")
    assert found.nodes == ["http://b:1", "http://a:1"]
    assert found.chains == [Named(b"\xab" * 32), Named(b"\x01" * 32)]


def test_a_network_is_its_chains_and_nodes() -> None:
    assert read(network="mainnet") == Plan(MAINNET.nodes, MAINNET.chains, "mainnet")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"network": "mainnet", "node": "http://a:1"}, "alone"),
        ({"network": "mainnet", "brid": BRID}, "alone"),
        ({"network": "Mainnet"}, "NETWORK is mainnet, not 'Mainnet'"),
        ({"network": "\x1b[2J" + 500 * "x"}, r"not '\x1b[2Jxxx"),
        ({"brid": BRID}, "NODE=http://host:port"),
        ({"node": " , "}, "NODE is given and names nothing"),
        ({"node": "http://a:1", "brid": ","}, "BRID is given and names nothing"),
        ({"node": "http://a:1", "brid": "12"}, "64 hexadecimal digits, not '12'"),
        ({"node": "http://a:1", "brid": f"{BRID}{BRID}"}, "64 hexadecimal digits"),
        ({"node": "http://a:1", "brid": "0x" + BRID[2:]}, "64 hexadecimal digits"),
        ({"node": "localhost:7740"}, "NODE cannot be used"),
        ({"node": "http://a:1,ftp://b"}, "NODE cannot be used"),
        ({"node": "http://me:secret@a:1"}, "NODE http://a:1 comes with a user and a password"),
    ],
)
def test_what_cannot_be_meant_is_told(options: dict[str, str], words: str) -> None:
    with pytest.raises(BadPlan) as raised:
        read(**options)
    told = str(raised.value)
    assert words in told
    assert told.isprintable()
    assert len(told) < 300
    assert "secret" not in told


def test_a_chain_is_called_by_its_name_or_else_its_rid() -> None:
    assert str(Named(b"\xab" * 32)) == BRID.upper()
    assert str(Named(b"\xab" * 32, "One")) == "One (ABABABAB…)"


def test_what_is_followed_no_more_is_named_alone() -> None:
    options = {"node": "", "brid": f"{BRID},{BRID}", "network": ""}
    assert plan.read_stop(options) == [Named(b"\xab" * 32)]
    for other in ({"node": "http://a:1"}, {"network": "mainnet"}, {"brid": ""}):
        with pytest.raises(BadPlan, match="--stop with --brid, and nothing else"):
            plan.read_stop(options | other)
