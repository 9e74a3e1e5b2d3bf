"""What a fold makes of operations that break a rule, and of owners."""

import pytest

from indexer.audit import fsck
from indexer.dapp.replay import position_of
from indexer.follow import sync
from indexer.models import (
    Chain,
    Incident,
    Owner,
    Record,
)
from indexer.postchain import secp256k1
from indexer.postchain.gtx import Operation
from indexer.records import fold, generations
from indexer.records.totals import totals_of
from indexer.store import coverage
from tests.indexer import kept
from tests.indexer.folding import Crash, checkpoint, crash, fold_all
from tests.indexer.made import (
    OWNER,
    SECOND_OWNER,
    STRANGER,
    MadeChain,
    add,
    call,
    change_owner,
    completion,
    delete,
    update,
)
from tests.indexer.serving import AlteredNode, asks_configuration, no_configuration, pool_of
from tests.indexer.writing import row_of, write


@pytest.mark.django_db
@pytest.mark.parametrize("blocks", [1, 2, 5000])
def test_operations_that_break_a_rule_are_one_incident_however_the_fold_is_cut(
    blocks: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = MadeChain()
    made.block(add())
    made.block(update(9, completion("nobody's")), call(delete(1), keys=(STRANGER,)))
    made.block(*[call(add(uid=uid), keys=(STRANGER,)) for uid in range(30)])
    made.block(call(add(), add(), keys=(STRANGER,)))
    chain = row_of(made)
    write(chain, made.blocks)
    monkeypatch.setattr(fold, "BATCH_BLOCKS", blocks)
    fold_all(chain)
    owner = secp256k1.public_key(OWNER).hex().upper()
    assert told() == {
        ("rule-record-exists", 1, "update_prompt_history", 1),
        ("rule-owner-signs", 1, owner, 33),
    }
    message = Incident.objects.get(kind="rule-owner-signs").message
    assert message.startswith(
        f"33 operations in blocks 1 to 3 are on chain, but the owner {owner} is not among the signers. Either"
    )
    assert len([each for each in caplog.records if each.levelname == "WARNING"]) <= 4
    generations.rebuild(chain)
    assert {times for *_, times in told()} == {1, 33}
    assert totals_of(chain).live == 32


@pytest.mark.django_db(transaction=True)
def test_what_broke_a_rule_in_a_batch_that_is_done_again_is_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = MadeChain()
    made.block(call(add(), keys=(STRANGER,)))
    made.block(call(add(), keys=(STRANGER,)))
    chain = row_of(made)
    write(chain, made.blocks)
    assert fold.fold(chain, last=0) is not None
    with monkeypatch.context() as patched:
        patched.setattr(coverage, "compact", crash)
        with pytest.raises(Crash):
            fold.fold(chain)
    assert [times for *_, times in told()] == [1]
    fold_all(chain)
    assert [times for *_, times in told()] == [2]


def told() -> set[tuple[str, int, str, int]]:
    return {(each.kind, each.height, each.subject, each.times) for each in Incident.objects.all()}


@pytest.mark.django_db
def test_an_add_whose_arguments_cannot_be_read_counts_and_is_an_incident() -> None:
    made = MadeChain()
    made.block(add(uid=1))
    made.block(Operation("add_prompt_history", (*add(uid=2).arguments, "of a later dapp")))
    made.block(add(uid=3))
    chain = row_of(made)
    write(chain, made.blocks)
    fold_all(chain)
    assert sorted(Record.objects.values_list("prompt_id", "scout")) == [(1, 1), (3, 3)]
    (incident,) = Incident.objects.all()
    assert (incident.kind, incident.height) == ("rule-arguments-not-known", 1)
    assert "the arguments of add_prompt_history are not those known here" in incident.message
    assert (totals_of(chain).records, totals_of(chain).live) == (3, 2)
    assert [str(each) for each in fsck.check(chain)] == []


@pytest.mark.django_db
def test_owners_are_kept_with_the_position_from_which_they_govern() -> None:
    made = MadeChain()
    made.block(add())
    made.block(call(change_owner(SECOND_OWNER), change_owner(SECOND_OWNER), keys=(OWNER, SECOND_OWNER)))
    made.block(call(change_owner(OWNER), keys=(OWNER, SECOND_OWNER)))
    chain = row_of(made)
    write(chain, made.blocks)
    fold_all(chain)
    first, second = secp256k1.public_key(OWNER), secp256k1.public_key(SECOND_OWNER)
    rows = [(each.position, bytes(each.key or b"")) for each in Owner.objects.order_by("position")]
    assert rows == [(-1, first), (position_of(1, 0), second), (position_of(2, 0), first)]
    assert Incident.objects.count() == 0


@pytest.mark.django_db
def test_an_owner_who_stands_in_no_source_is_unknown_and_nobody_is_accused() -> None:
    made = MadeChain(owner=None)
    made.block(call(add(), keys=(STRANGER,)))
    chain = row_of(made)
    write(chain, made.blocks)
    fold_all(chain)
    assert Owner.objects.get().key is None
    assert checkpoint(chain).owner is None
    assert Incident.objects.count() == 0


@pytest.mark.django_db
def test_a_source_that_names_no_owner_is_read_once_however_often_is_folded() -> None:
    made = MadeChain(owner=None, more={"of": "a chain that no other test has"})
    chain = row_of(made)
    before = fold._owner_said.cache_info().misses
    for _ in range(3):
        made.block(add())
        write(chain, made.blocks[-1:])
        fold_all(chain)
    assert fold._owner_said.cache_info().misses == before + 1


@pytest.mark.django_db
def test_an_owner_whose_source_comes_late_is_known_from_then_on() -> None:
    """No node gave configuration 0 at first; folding again must not tell another story than was told."""
    made = MadeChain()
    made.block(add())
    sync_without_and_with_configuration_0(made)
    assert bytes(Owner.objects.get().key or b"") == secp256k1.public_key(OWNER)
    assert bytes(checkpoint(Chain.objects.get()).owner or b"") == secp256k1.public_key(OWNER)


@pytest.mark.django_db
def test_an_owner_whose_source_comes_late_is_not_taken_for_a_later_one_who_is_unknown() -> None:
    made = MadeChain()
    made.block(call(change_owner(SECOND_OWNER), keys=(OWNER, SECOND_OWNER)))
    made.block(Operation("change_owner", (secp256k1.public_key(STRANGER), "because")))
    sync_without_and_with_configuration_0(made)
    found = [each.key and bytes(each.key) for each in Owner.objects.order_by("position")]
    assert found == [secp256k1.public_key(OWNER), secp256k1.public_key(SECOND_OWNER), None]
    assert checkpoint(Chain.objects.get()).owner is None


def sync_without_and_with_configuration_0(made: MadeChain) -> None:
    node = AlteredNode(
        made.recording(),
        lambda question, answer: (
            no_configuration(question) if asks_configuration(question, height=0) else answer
        ),
    )
    with pool_of(node) as pool:
        chain = sync.chain_of(pool, None)
        sync.sync(chain, pool, options=kept.HERE)
        assert Owner.objects.get(position=-1).key is None
    with pool_of(AlteredNode(made.recording())) as pool:
        sync.sync(chain, pool, options=kept.HERE)
