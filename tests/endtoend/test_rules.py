"""An index whose records another version made, by commands."""

from collections.abc import Callable

from indexer.dapp.replay import RULES
from tests.endtoend import chains
from tests.endtoend.chains import FOUR, FOUR_DIGEST
from tests.endtoend.hostile import HostileNode
from tests.endtoend.inprocess import InProcess

Serve = Callable[..., HostileNode]

_AS_OF_RULES_2 = (
    "UPDATE indexer_generation SET rules = 2",
    "UPDATE indexer_operation SET said = NULL, noted = NULL",
    "UPDATE indexer_record SET said = NULL",
    "UPDATE indexer_chain SET heard_to = -1",
)


def set_back(state: InProcess) -> None:
    """Have the records be those of an earlier version, as far as this chain lets one see it."""
    with state.connect() as connection:
        for each in _AS_OF_RULES_2:
            connection.execute(each)


def rules(state: InProcess) -> list[int]:
    with state.connect() as connection:
        return [row[0] for row in connection.execute("SELECT rules FROM indexer_generation").fetchall()]


def test_sync_makes_them_anew_before_it_reads_on(state: InProcess, serve: Serve) -> None:
    node = serve(chains.four())
    state.sync(node.url)
    set_back(state)
    ended = state.sync(node.url)
    assert ended.status == 3, ended.told
    assert "made anew by the rules of this one" in ended.err
    assert (ended.line["height"], ended.line["digest"]) == (115, FOUR_DIGEST)
    assert rules(state) == [RULES]
    assert "made anew" not in state.sync(node.url).err


def test_what_is_stored_and_cannot_be_read_is_told_in_plain_words(state: InProcess, serve: Serve) -> None:
    node = serve(chains.four())
    state.sync(node.url)
    set_back(state)
    with state.connect() as connection:
        connection.execute("UPDATE indexer_configuration SET raw = 'no configuration'")
    for command in (["sync", f"--node={node.url}"], ["reindex"]):
        ended = state.run(*command)
        assert ended.status == 1, ended.told
    assert rules(state) == [2]


def test_status_says_what_waits_and_reindex_makes_them_anew(state: InProcess, serve: Serve) -> None:
    state.sync(serve(chains.four()).url)
    set_back(state)
    told = state.run("status").out
    assert '"rules": 2' in told
    assert "manage.py reindex" in told
    checked = state.run("fsck")
    assert checked.status == 1
    assert (
        f"{FOUR}: generation 1: it was folded by rules 2, now there are rules {RULES}: reindex" in checked.out
    )
    assert "`manage.py reindex` mends" in checked.err
    ended = state.run("reindex")
    assert ended.status == 0
    assert f"{FOUR}: made by rules {RULES}, until now by rules 2" in ended.out
    assert rules(state) == [RULES]
    assert '"waits": ""' in state.run("status").out
    assert state.run("fsck").status == 0
