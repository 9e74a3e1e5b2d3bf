"""What tasks do, run where they are sent from."""

import json
import logging
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from celery import Task
from django.db import connection
from django.utils import timezone

from devnet.rest.exchange import Answer, Question
from indexer import tasks
from indexer.follow import node_health, sync, turns
from indexer.models import Block, Chain, Checkpoint, DerivationCheckpoint, Incident, Node, Reconciliation
from indexer.postchain.block import decode_header, encode_header, header_rid
from indexer.postchain.secp256k1 import public_key
from tests.devnet.grown import grown
from tests.devnet.served import serving as serving_devnet
from tests.indexer.derive.registering import in_steps_of
from tests.indexer.followed import followed, made
from tests.indexer.made import STRANGER, MadeChain, add, sign_header, stated_json
from tests.indexer.serving import AlteredNode, refused, serving
from tests.indexer.threads import holding
from tests.indexer.writing import row_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager")]


def heights() -> dict[str, int]:
    """Of the checkpoint and the marks."""
    marks = {each.name: each.height for each in DerivationCheckpoint.objects.all()}
    return {"folded": Checkpoint.objects.get().height, **marks}


def everywhere(height: int) -> dict[str, int]:
    """As ``heights`` where all that is derived is as far as the fold."""
    return dict.fromkeys(("folded", *DerivationCheckpoint.Of.values), height)


def test_following_leads_to_all_that_is_derived() -> None:
    with followed(made(3)) as (_, _):
        tasks.follow_all.delay()
    assert heights() == everywhere(2)


def turn_comes() -> None:
    """It is the chain's turn, and the schedule comes."""
    Chain.objects.update(turn_at=timezone.now())
    tasks.follow_all.delay()


def questions(node: AlteredNode) -> int:
    """How many were asked since the last time."""
    count = len(node.asked)
    node.asked.clear()
    return count


def test_however_often_the_schedule_comes_a_chain_is_asked_about_when_its_turn_is() -> None:
    with followed(made(3)) as (row, node):
        for _ in range(5):
            tasks.follow_all.delay()
        assert [each.path[-1] for each in node.asked].count("height") == 1
        row.refresh_from_db()
        assert row.turn_at > timezone.now()


def test_between_two_rounds_a_turn_is_one_question_and_a_round_asks_all() -> None:
    chain = made(3)
    with followed(chain) as (row, node):
        turn_comes()
        assert questions(node) > 1
        for _ in range(3):
            turn_comes()
            assert questions(node) == 1
        chain.block(add())
        node.become(chain.recording())
        turn_comes()
        assert questions(node) <= 2
        assert heights() == everywhere(3)
        Chain.objects.update(round_at=timezone.now() - turns.ROUND)
        turn_comes()
        assert questions(node) > 1
        row.refresh_from_db()
        assert row.round_at is not None
        assert row.news_at is not None


def test_a_block_that_a_look_cannot_take_is_taken_by_a_round_at_once() -> None:
    chain = made(2)
    with followed(chain) as (_, node):
        turn_comes()
        chain.configure([STRANGER], more={"upgraded": 1})
        chain.block(add())
        node.become(chain.recording())
        turn_comes()
    assert heights() == everywhere(2)


def test_empty_blocks_are_taken_and_are_no_news() -> None:
    chain = made(2)
    with followed(chain) as (row, node):
        turn_comes()
        Chain.objects.update(news_at=timezone.now() - timedelta(hours=1))
        chain.block()
        node.become(chain.recording())
        turn_comes()
        assert heights() == everywhere(2)
        row.refresh_from_db()
        assert row.news_at is not None
        assert row.turn_at - row.news_at > timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_another_one_has_asks_nobody_and_says_nothing_of_the_next() -> None:
    with followed(made(3)) as (row, node):

        def follow() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(7404, %s)", [row.id])

        with holding(follow):
            turn_comes()
            taken = Chain.objects.get().turn_at
            turn_comes()
            assert node.asked == []
            assert Chain.objects.get().turn_at > taken
        turn_comes()
    assert heights() == everywhere(2)


@pytest.mark.parametrize("each", [2, 3, 5])
def test_turns_behind_a_balancer_follow_the_chain_and_accuse_nobody(each: int) -> None:
    """Each so-manieth question is answered by a node that is two blocks and a configuration behind."""
    made_chain = made(6)
    numbers = count()
    with followed(made_chain) as (_, node):

        def balance(question: Question, answer: Answer) -> Answer | None:
            return behind.answer(question) if next(numbers) % each == 0 else None

        behind = AlteredNode(made_chain.recording())
        node.rules.append(balance)
        for number in range(4):
            turn_comes()
            if number == 1:
                made_chain.configure([STRANGER], more={"upgraded": 1})
            older = made_chain.recording()
            for _ in range(2):
                made_chain.block(add())
            behind.become(older)
            node.become(made_chain.recording())
        for _ in range(3):
            turn_comes()
        node.rules.clear()
        Chain.objects.update(round_at=None)
        turn_comes()
    assert heights() == everywhere(13)
    assert not Incident.objects.exists()
    assert not Node.objects.get().was_false


@pytest.mark.parametrize(
    "task", [tasks.take_turn, tasks.follow, tasks.backfill, tasks.fold, tasks.after_fold, tasks.reconcile]
)
def test_a_task_for_a_chain_that_was_forgotten_is_none(task: "Task[[int], None]") -> None:
    assert str(task.delay(30_000).state) == "IGNORED"


def test_a_node_that_starts_is_asked_again_until_it_has_the_chain() -> None:
    def starts(question: Question, answer: Answer) -> Answer:
        return refused(question, 404, "Can't find blockchain with blockchainRID: no such")

    with followed(made(3)) as (_, node):
        node.rules.append(starts)
        turn_comes()
        assert "still starting" in Node.objects.get().failure
        node.rules.clear()
        Node.objects.update(failed_at=timezone.now() - timedelta(minutes=1))
        turn_comes()
    assert heights() == everywhere(2)
    assert not Incident.objects.exists()


def test_folding_leads_to_all_that_is_derived() -> None:
    chain = made(3)
    row = row_of(chain)
    write(row, chain.blocks)
    tasks.fold.delay(row.id)
    assert heights() == everywhere(2)


def test_where_nothing_is_new_nothing_is_derived_again_and_the_node_s_time_moves() -> None:
    with followed(made(2)) as (row, _):
        tasks.follow.delay(row.id)
        before, marks = (
            Node.objects.get().answered_at,
            list(DerivationCheckpoint.objects.values_list("at", flat=True)),
        )
        tasks.follow.delay(row.id)
    after = Node.objects.get().answered_at
    assert before is not None
    assert after is not None
    assert before < after
    assert list(DerivationCheckpoint.objects.values_list("at", flat=True)) == marks


def test_a_node_that_does_not_answer_says_so_in_its_row_and_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = Chain.objects.create(brid=b"\x01" * 32)
    for url in ("http://127.0.0.1:9", "http://127.0.0.1:8"):
        Node.objects.create(chain=row, url=url)
    with caplog.at_level(logging.WARNING):
        tasks.follow_all.delay()
    for node in Node.objects.all():
        assert node.failure
        assert node.failed_at is not None
    assert "no node answered" in caplog.text
    assert not Incident.objects.exists()


@pytest.mark.parametrize("task", [tasks.follow, tasks.backfill])
def test_what_is_refused_is_told_in_a_line_and_is_no_error_of_the_task(
    task: "Task[[int], None]", caplog: pytest.LogCaptureFixture
) -> None:
    with serving(boasting(made(5), forged=False)) as liar:
        row = row_of(made(5))
        Node.objects.create(chain=row, url=liar)
        with caplog.at_level(logging.WARNING):
            task.delay(row.id)
    told = [each.getMessage() for each in caplog.records if each.name == "indexer.tasks"]
    assert len(told) == 1
    assert "its answer was false" in told[0]
    assert Node.objects.get().was_false


def test_what_is_in_is_folded_and_derived_though_no_node_answers() -> None:
    chain = made(2)
    row = row_of(chain)
    write(row, chain.blocks)
    Node.objects.create(chain=row, url="http://127.0.0.1:9")
    tasks.follow.delay(row.id)
    assert heights() == everywhere(1)


def test_a_chain_without_a_node_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    row = Chain.objects.create(brid=b"\x01" * 32)
    with caplog.at_level(logging.WARNING):
        tasks.follow.delay(row.id)
        tasks.reconcile.delay(row.id)
    assert "has no node" in caplog.text


def test_a_long_gap_is_filled_window_by_window_and_folded_on_the_way() -> None:
    with followed(made(tasks.FOLLOWED_AT_ONCE + 2)) as (row, node):
        tasks.follow.delay(row.id)
        lists = [each for each in node.asked if each.path[0] == "blocks" and len(each.path) == 2]
    assert Block.objects.count() == tasks.FOLLOWED_AT_ONCE + 2
    assert heights() == everywhere(tasks.FOLLOWED_AT_ONCE + 1)
    assert len(lists) == 4


FALSE_BLOCKS = 1_000


def boasting(made: MadeChain, *, forged: bool) -> AlteredNode:
    """A node that states many blocks too many, and gives its last one in their place: with a header to match,
    which strangers signed, where it is `forged`.
    """
    last = made.blocks[-1]
    height = made.next_height - 1 + FALSE_BLOCKS

    def lie(question: Question, answer: Answer) -> Answer:
        if question.path[-1] == "height":
            return replace(answer, body=json.dumps({"blockHeight": height + 1}).encode())
        if question.path[-2:] == ("height", str(height)):
            header = replace(decode_header(last.header), height=height)
            top = replace(last, height=height)
            if forged:
                top = replace(
                    top,
                    rid=header_rid(header),
                    header=encode_header(header),
                    witness=sign_header(header, private_keys=[STRANGER]),
                    witnesses=(public_key(STRANGER),),
                )
            return replace(answer, body=json.dumps(stated_json(top)).encode())
        return answer

    return AlteredNode(made.recording(), lie)


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize("known", [0, 3])
def test_a_node_that_states_far_too_many_blocks_holds_nobody_up(known: int, forged: bool) -> None:
    chain = made(5)
    with serving(boasting(chain, forged=forged)) as liar, serving(AlteredNode(chain.recording())) as honest:
        row = row_of(chain) if known else Chain.objects.create(brid=chain.brid)
        if known:
            write(row, chain.blocks[:known])
        for url in (liar, honest):
            Node.objects.create(chain=row, url=url)
        for _ in range(3):
            tasks.follow.delay(row.id)
        assert heights()["folded"] == 4
        false, true = Node.objects.order_by("id")
        assert (false.was_false, true.was_false) == (True, False)
        assert "its answer was false" in false.failure
        assert (true.height, node_health.known_urls(row)) == (4, [honest])
        assert set(Incident.objects.values_list("subject", flat=True)) == {liar}


def test_rollup_derives_figures_alone() -> None:
    chain = made(2)
    row = row_of(chain)
    write(row, chain.blocks)
    sync.fold_all(row)
    tasks.rollup_all.delay()
    assert heights() == {"folded": 1, "rollups": 1}
    tasks.after_fold_all.delay()
    assert heights() == everywhere(1)


def test_what_takes_long_to_derive_goes_on_in_another_task(monkeypatch: pytest.MonkeyPatch) -> None:
    in_steps_of(1, monkeypatch)
    monkeypatch.setattr(tasks, "SECONDS", 0.0)
    chain = made(4)
    row = row_of(chain)
    write(row, chain.blocks)
    sync.fold_all(row)
    for task in (tasks.rollup, tasks.after_fold):
        task.delay(row.id)
    assert heights() == everywhere(3)


@pytest.mark.django_db(transaction=True)
def test_every_node_of_a_chain_is_reconciled_with() -> None:
    with ExitStack() as stack:
        node = grown()
        stack.callback(node.close)
        served = stack.enter_context(serving_devnet(node))
        row = Chain.objects.create(brid=node.dapp.brid)
        Node.objects.create(chain=row, url=served.server.url)
        Node.objects.create(chain=row, url="http://127.0.0.1:9")
        tasks.follow.delay(row.id)
        node.dapp.close_block()
        Node.objects.update(failed_at=None)
        tasks.reconcile_all.delay()
        found = Reconciliation.objects.get()
        assert (found.height, found.differing) == (node.dapp.next_height - 1, 0)
        assert found.node.url == served.server.url
        assert Node.objects.get(url="http://127.0.0.1:9").failed_at is not None


@pytest.mark.django_db(transaction=True)
def test_who_finds_another_one_at_reconciling_asks_nobody() -> None:
    with followed(made(1)) as (row, node):

        def reconcile() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(7405, %s)", [row.id])

        with holding(reconcile):
            tasks.reconcile.delay(row.id)
        assert node.asked == []


def test_a_chain_that_is_far_behind_is_not_reconciled_yet() -> None:
    with ExitStack() as stack:
        node = grown()
        stack.callback(node.close)
        served = stack.enter_context(serving_devnet(node))
        row = Chain.objects.create(brid=node.dapp.brid)
        Node.objects.create(chain=row, url=served.server.url)
        tasks.reconcile.delay(row.id)
    assert not Reconciliation.objects.exists()
    assert not Block.objects.exists()
