"""Chains that have names, and the nodes that are asked about them."""

import pytest

from indexer import tasks
from indexer.follow import networks, node_health
from indexer.follow.networks import MAINNET, NETWORKS, Named
from indexer.models import Chain, Node
from indexer.node.address import parse
from indexer.node.pool import NodePool

ONE, OTHER = b"\x01" * 32, b"\x02" * 32
# Nobody listens there, and nobody may but root.
NOBODY = "http://127.0.0.1:9"


def test_networks_are_named_as_they_call_themselves() -> None:
    assert {name: each.name for name, each in NETWORKS.items()} == {"mainnet": "mainnet"}


def test_nodes_are_written_as_the_pool_names_them() -> None:
    """Else a node would have two rows: the one that is registered and the one that is asked."""
    for network in NETWORKS.values():
        pool = NodePool(network.nodes)
        assert [node.name for node in pool.nodes] == list(network.nodes)
        pool.close()
        assert [parse(url).shown for url in network.nodes] == list(network.nodes)


def test_chains_of_a_network_are_two_with_names() -> None:
    assert [len(each.brid) for each in MAINNET.chains] == [32, 32]
    assert len({each.name for each in MAINNET.chains} - {""}) == 2


@pytest.mark.django_db
def test_a_registered_chain_is_followed_whether_or_not_a_node_answers() -> None:
    for chain in MAINNET.chains:
        networks.register(chain, MAINNET.nodes, network=MAINNET.name)
    found = {row.name: row for row in Chain.objects.all()}
    assert set(found) == {each.name for each in MAINNET.chains}
    for row in found.values():
        assert row.network == "mainnet"
        assert node_health.known_urls(row) == list(MAINNET.nodes)


@pytest.mark.django_db
def test_registering_again_changes_nothing_and_forgets_nothing() -> None:
    first = networks.register(Named(ONE, "One"), ["http://a:1", "http://b:1"], network="here")
    Node.objects.filter(url="http://a:1").update(height=7, failure="it was away")
    again = networks.register(Named(ONE, "One"), ["http://a:1"], network="here")
    assert again.id == first.id
    assert list(Node.objects.order_by("id").values_list("url", "height", "failure")) == [
        ("http://a:1", 7, "it was away"),
        ("http://b:1", None, ""),
    ]


@pytest.mark.django_db
def test_a_name_is_kept_where_none_is_given() -> None:
    networks.register(Named(ONE, "One"), [], network="here")
    networks.register(Named(ONE), ["http://a:1"])
    assert [(each.name, each.network) for each in Chain.objects.all()] == [("One", "here")]


@pytest.mark.django_db
def test_several_chains_may_have_the_same_node() -> None:
    for brid in (ONE, OTHER):
        networks.register(Named(brid), [NOBODY])
    assert Node.objects.filter(url=NOBODY).count() == 2


@pytest.mark.django_db
def test_earlier_addresses_of_one_chain_are_forgotten_and_no_other_s() -> None:
    devnet = networks.register(Named(ONE, "Devnet"), ["http://127.0.0.1:1", "http://127.0.0.1:2"])
    networks.register(Named(OTHER), ["http://127.0.0.1:1"])
    networks.forget_nodes(devnet, but=["http://127.0.0.1:2"])
    assert set(Node.objects.values_list("chain__brid", "url")) == {
        (ONE, "http://127.0.0.1:2"),
        (OTHER, "http://127.0.0.1:1"),
    }


@pytest.mark.django_db
def test_a_network_is_left_but_for_one_chain_and_its_chains_stay() -> None:
    one = networks.register(Named(ONE), ["http://a:1"], network="here")
    networks.register(Named(OTHER), ["http://a:1"], network="here")
    networks.register(Named(b"\x03" * 32), ["http://a:1"], network="there")
    networks.leave("here", but=one)
    assert set(Node.objects.values_list("chain__brid", flat=True)) == {ONE, b"\x03" * 32}
    networks.leave("here")
    assert set(Node.objects.values_list("chain__brid", flat=True)) == {b"\x03" * 32}
    assert Chain.objects.count() == 3


@pytest.mark.django_db
def test_following_a_chain_whose_nodes_never_answered_writes_down_why() -> None:
    row = networks.register(Named(ONE, "One"), [NOBODY])
    tasks.follow(row.id)
    found = Node.objects.get()
    assert found.url == NOBODY
    assert found.answered_at is None
    assert found.failed_at is not None
    assert found.failure
