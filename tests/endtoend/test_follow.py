"""`manage.py follow`: chains are written down for the workers."""

from collections.abc import Callable

import pytest

from indexer.follow.networks import MAINNET
from tests.endtoend import chains
from tests.endtoend.hostile import HostileNode
from tests.endtoend.inprocess import InProcess

NOBODY = "http://127.0.0.1:9"
FOUR = "00442B1E2DEE52C80ADEA1A92A97075C3FA1E9E204047C3C67533E151BAFC34D"


def followed(state: InProcess) -> set[tuple[str, str]]:
    """Name or RID of each chain, with the address of each of its nodes."""
    with state.connect() as connection:
        rows = connection.execute(
            "SELECT c.name, c.brid, n.url FROM indexer_chain c JOIN indexer_node n ON n.chain_id = c.id"
        ).fetchall()
    return {(name or bytes(brid).hex().upper(), url) for name, brid, url in rows}


def test_a_named_chain_is_followed_though_no_node_answers(state: InProcess) -> None:
    brid = "AB" * 32
    ended = state.run("follow", f"--node={NOBODY}", f"--brid={brid}")
    assert ended.status == 0, ended.told
    assert ended.out == f"{brid} is followed through {NOBODY}.\n"
    assert followed(state) == {(brid, NOBODY)}


def test_a_network_is_all_its_chains_and_nodes(state: InProcess) -> None:
    ended = state.run("follow", "--network=mainnet")
    assert ended.status == 0, ended.told
    assert followed(state) == {(chain.name, url) for chain in MAINNET.chains for url in MAINNET.nodes}


def test_a_node_tells_its_first_chain(state: InProcess, serve: Callable[..., HostileNode]) -> None:
    node = serve(chains.four())
    ended = state.run("follow", f"--node={node.url}")
    assert ended.status == 0, ended.told
    assert followed(state) == {(FOUR, node.url)}


def test_a_silent_node_tells_none(state: InProcess) -> None:
    ended = state.run("follow", f"--node={NOBODY}")
    assert ended.status == 5, ended.told
    assert "--brid" in ended.err


def test_a_chain_can_be_followed_no_more(state: InProcess) -> None:
    brid, other = "AB" * 32, "CD" * 32
    assert state.run("follow", f"--node={NOBODY}", f"--brid={brid},{other}").status == 0
    ended = state.run("follow", "--stop", f"--brid={brid.lower()}")
    assert (ended.status, ended.out) == (
        0,
        f"{brid} is followed no more. What is indexed of it stays.\n",
    ), ended.told
    assert followed(state) == {(other, NOBODY)}
    again = state.run("follow", "--stop", f"--brid={brid}")
    assert (again.status, again.out) == (2, ""), again.told
    assert f"{brid} is not followed" in again.err


@pytest.mark.parametrize(
    "options", [[], ["--stop"], ["--brid=" + 32 * "AB"], ["--network=elsewhere"], ["--node=nowhere"]]
)
def test_what_cannot_be_meant_ends_with_2(state: InProcess, options: list[str]) -> None:
    ended = state.run("follow", *options)
    assert ended.status == 2, ended.told
    assert ended.out == ""
