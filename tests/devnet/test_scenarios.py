"""Scenarios: every transaction is good, chance is the seed's, and each shows what it promises."""

import json
import re
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from devnet.chain import validators
from devnet.dapp.dapp import Dapp
from devnet.scenarios import SCENARIOS, NoKey, Pause, awkward, begin, personal
from devnet.scenarios.hostile import HOSTILE, NAMES
from devnet.scenarios.stage import questions
from devnet.serving.node import open_node
from indexer.checks.registry import by_name
from indexer.dapp.operations import signed_hash
from indexer.dapp.rell_json import content_of, normalise
from tests.devnet.grown import FIRST_AT, Ticking, wanted
from tests.devnet.played import Played, configured, played
from tests.devnet.served import ROOT
from tests.indexer.checks.evidences import record

DEMO_STEPS = 3_000


@cache
def seen(name: str, seed: int = 1) -> Played:
    return played(name, seed=seed, steps=DEMO_STEPS if name == "demo" else 100_000)


def operations(chain: Played) -> Counter[str]:
    return Counter(operation.name for tx in chain.transactions() for operation in tx.operations)


def arguments_of(chain: Played, name: str) -> list[tuple[Any, ...]]:
    return [op.arguments for tx in chain.transactions() for op in tx.operations if op.name == name]


def adds(chain: Played) -> list[tuple[Any, ...]]:
    return arguments_of(chain, "add_prompt_history")


FOUND = {
    *("other-model-and-provider", "total-differs", "after-its-block", "long-before", "said-to-be-cut"),
    *("reused", "outlier", "error", "replayed"),
}
_ALONE = ("field-contradiction", "usage-implausible", "time-inconsistent", "truncated", "malformed")


def judged(chain: Played) -> set[str]:
    """What these checks say of the records of a chain, which take less than the clocks of two may differ; and
    whether any that were asked otherwise have one id or one text, or one of several that were asked the same
    differs.
    """
    reasons: set[str] = set()
    others = {"reused-response-id": "reused", "replayed-text": "replayed"}
    values: dict[tuple[str, bytes], bytes] = {}
    cohorts: dict[bytes, Counter[bytes]] = {}
    for uid, messages, result, seed, model, provider in adds(chain):
        prompt = signed_hash(messages)
        of = record(result, scout=uid, seed=seed, model=model, provider=provider, prompt=prompt)
        reasons |= {by_name()[name].judged(of).outcome.reason for name in _ALONE}
        for name, reason in others.items():
            kin = by_name()[name].kin(of)
            if kin is not None and values.setdefault((name, kin.key), kin.value) != kin.value:
                reasons.add(reason)
        if (peer := by_name()["peer-outlier"].kin(of)) is not None:
            cohorts.setdefault(peer.key, Counter())[peer.value] += 1
    if any(len(each) == 2 and min(each.values()) == 1 and each.total() > 3 for each in cohorts.values()):
        reasons.add("outlier")
    return reasons


def contents(chain: Played) -> list[str | None]:
    return [content_of(arguments[2]).content for arguments in adds(chain)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_everything_posted_is_accepted_and_confirmed(name: str) -> None:
    chain = seen(name)
    assert len(chain.posted) == sum(chain.blocks)
    assert len(set(chain.posted)) == len(chain.posted) > 0


def test_the_reference_lists_every_scenario_and_no_other() -> None:
    section = (ROOT / "docs" / "devnet.md").read_text().partition("## Scenarios")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == list(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_seed_decides_everything(name: str) -> None:
    steps = 300 if name == "demo" else 40
    first, again, other = (played(name, seed=seed, steps=steps).posted for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_the_demo_shows_all_that_the_dapp_does() -> None:
    found = operations(seen("demo"))
    assert found["add_prompt_history"] > 300
    assert found["update_prompt_history"] > 20
    assert found["delete_prompt_history"] > 3
    assert {"batch_delete_prompt_histories", "change_owner"} <= found.keys()


def test_the_demo_s_first_two_minutes_hold_agreement_languages_dissent_edits_and_a_deletion() -> None:
    steps = next(steps for steps in range(0, 1_000, 10) if played("demo", steps=steps).elapsed_ms > 120_000)
    chain = played("demo", steps=steps)
    found = operations(chain)
    assert {"add_prompt_history", "update_prompt_history", "delete_prompt_history"} <= found.keys()
    assert judged(chain) >= FOUND


def test_each_finding_is_of_the_check_that_its_record_is_written_for() -> None:
    assert judged(seen("findings")) >= FOUND


def test_the_demo_s_pace_can_be_followed() -> None:
    chain = seen("demo")
    assert 0.4 < chain.elapsed_ms / 1_000 / len(chain.posted) < 4
    assert sum(1 for transactions in chain.blocks if transactions == 0) > len(chain.blocks) // 20


def test_scouts_agree_on_most_answers_and_disagree_on_some() -> None:
    groups: dict[tuple[Any, ...], Counter[str | None]] = {}
    for uid, messages, result, seed, *_ in adds(seen("demo")):
        groups.setdefault((messages, seed), Counter())[content_of(result).content] += 1
        assert isinstance(uid, int)
    large = [group for group in groups.values() if group.total() >= 5]
    assert len(large) > 20
    assert all(group.most_common(1)[0][1] >= 2 for group in large)
    assert any(len(group) == 1 for group in large)
    assert any(len(group) > 1 for group in large)


def test_every_language_is_asked_in() -> None:
    asked = " ".join(arguments[1] for arguments in adds(seen("languages")))
    assert all(question.text in asked for question in questions("languages"))
    assert len(questions("languages")) >= 12


@pytest.mark.parametrize("file", ["questions", "languages"])
def test_every_slip_changes_its_answer_in_one_place(file: str) -> None:
    for question in questions(file):
        assert question.answer.count(question.slip[0]) == 1
        assert question.slipped != question.answer


def test_edits_change_answers_that_stood_on_the_chain_before() -> None:
    chain = seen("edits")
    edited = arguments_of(chain, "update_prompt_history")
    assert len(edited) >= 4
    assert all(0 < prompt_id <= chain.dapp.last_prompt_id for prompt_id, _ in edited)


def test_deletions_leave_fewer_records_than_were_added() -> None:
    for name in ("deletions", "batch-deletions"):
        chain = seen(name)
        count = chain.dapp.query("get_prompt_history_count", {}, last_block=None)
        assert isinstance(count, int)
        assert count < len(adds(chain))


def test_the_owner_changes_and_comes_back() -> None:
    chain = seen("owner-change")
    assert [type(key) for (key,) in arguments_of(chain, "change_owner")] == [bytes, str]
    assert chain.dapp.owner == Dapp(configured()).owner
    assert len({tx.signers for tx in chain.transactions()}) >= 3


def test_many_operations_share_a_block_and_a_transaction() -> None:
    chain = seen("many-operations")
    assert max(chain.blocks) == 30
    assert max(len(tx.operations) for tx in chain.transactions()) == 40


def test_quiet_hours_are_empty_blocks() -> None:
    chain = seen("quiet-hours")
    assert chain.elapsed_ms > 3 * 3_600_000
    assert sum(1 for transactions in chain.blocks if transactions) < len(chain.blocks) // 50


def test_awkward_results_are_all_taken_by_the_dapp() -> None:
    results = [arguments[2] for arguments in adds(seen("awkward"))]
    assert set(awkward.RESULTS) <= set(results)
    assert {type(arguments[0]).__name__ for arguments in adds(seen("awkward"))} == {"int", "BigInteger"}
    assert all(normalise(result) for result in results)


def test_enormous_means_a_megabyte_and_five_thousand_messages() -> None:
    found = adds(seen("enormous"))
    assert max(len(content or "") for content in contents(seen("enormous"))) == 1_000_000
    assert max(len(json.loads(arguments[1])) for arguments in found) == 5_000


def test_hostile_texts_reach_the_reader_unchanged() -> None:
    chain = seen("hostile")
    assert set(HOSTILE.values()) <= set(contents(chain))
    assert NAMES.items() <= {(arguments[4], arguments[5]) for arguments in adds(chain)}


@pytest.mark.parametrize(
    "part",
    ["<script>", "![", "javascript:", "\u202e", "\u200b", "\x1b[", "=HYPERLINK(", "@SUM", "\u0489", "{{"],
)
def test_hostile_texts_have_every_kind(part: str) -> None:
    assert any(part in text for text in HOSTILE.values())


def test_addresses_in_hostile_texts_lead_nowhere() -> None:
    for text in HOSTILE.values():
        for host in re.findall(r"//([\w-]+\.[\w.-]+)", text):
            assert host.endswith(".invalid")


SECRETS = {
    "e-mail": r"[\w.-]+@example\.com",
    "phone": r"\+1 202-555-01\d\d",
    "cloud key": r"AKIA[A-Z]{9}EXAMPLE",
    "repository token": r"ghp_\w{36}",
    "model key": r"sk-\w{48}",
    "chat token": r"xoxb-\d{12}-\d{12}-[a-zA-Z]{24}",
    "private key": "-----BEGIN PRIVATE KEY-----",
    "card": r"4111 1111 1111 1111",
    "wallet": r"abandon abandon .* about",
    "session": r"Bearer eyJ[\w-]+\.eyJ",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_secrets_are_in_prompts_and_answers(kind: str) -> None:
    chain = seen("secrets")
    pattern = re.compile(SECRETS[kind])
    assert any(pattern.search(content or "") for content in contents(chain))
    assert any(pattern.search(arguments[1].replace("\\n", "\n")) for arguments in adds(chain))


def test_no_scanner_finds_a_secret_in_the_source() -> None:
    text = Path(personal.__file__).read_text()
    for kind in ("cloud key", "repository token", "model key", "chat token", "private key", "session"):
        assert not re.search(SECRETS[kind], text)


def test_a_scenario_goes_on_where_an_earlier_run_stopped() -> None:
    chain = played("demo", steps=200)
    before = set(chain.posted)
    chain.play("demo", seed=1, steps=200)
    assert len(set(chain.posted)) == len(chain.posted) > len(before)


def test_ids_go_on_after_those_of_others() -> None:
    chain = played("peers")
    begun = begin("edits", seed=2, dapp=chain.dapp)
    chain.play("peers", seed=3, steps=100)
    chain.play("edits", seed=2, steps=1_000)
    assert any(isinstance(step, Pause) for step in begun)


@pytest.mark.parametrize(("keys", "version"), [((validators.ALONE,), 1), (validators.FOUR, 2)])
def test_a_node_takes_the_whole_tour_into_its_blocks(keys: tuple[bytes, ...], version: int) -> None:
    with closing(open_node(None, wanted(keys=keys, version=version), clock=Ticking())) as node:
        chain, rids = node.dapp, []
        for step in begin("tour", seed=1, dapp=node.code, now=lambda: FIRST_AT / 1_000):
            if isinstance(step, Pause):
                chain.close_block()
            else:
                rids.append(chain.submit(step.data(brid=chain.brid, version=version)))
        while len(chain.mempool):
            chain.close_block()
        assert [rid for rid in rids if chain.mempool.reason(rid) is not None] == []
        assert all(chain.store.placed(rid) for rid in rids)


def test_a_chain_of_an_unknown_owner_cannot_be_written_to() -> None:
    dapp = Dapp(configured(owner=b"\x77" * 32))
    with pytest.raises(NoKey, match="private key is not known"):
        begin("demo", seed=1, dapp=dapp)
