"""How an index stands in a sentence."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.site.status import Status, status
from explorer.queries.site.verdict import verdict
from indexer.models import Incident
from indexer.store.coverage import HeightRange
from indexer.trust import incidents
from indexer.trust.incident_words import in_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def sound(recorded_chain: ChainView) -> Status:
    """A chain of which nothing is open."""
    fresh = replace(recorded_chain.freshness, block_at=timezone.now(), behind=0, ahead=0)
    found = status(replace(recorded_chain, freshness=fresh))
    return replace(found, unproved=[], unknown_operations=[])


def test_a_chain_that_is_here_and_checked_is_sound(sound: Status) -> None:
    assert (sound.verdict.state, sound.verdict.word) == ("holds", "sound")
    assert sound.verdict.sentence == "Up to date: all blocks are here, and all were checked."
    assert sound.verdict.is_up_to_date


def test_one_validator_or_one_node_alone_is_said(sound: Status) -> None:
    assert sound.signers == 4
    (node,) = sound.nodes
    assert "name a second one" in sound.verdict.todo
    two = replace(sound, nodes=[node, replace(node, url="http://another")])
    assert two.verdict.todo == "Nothing is to be done."
    alone = replace(two, signers=1).verdict
    assert (alone.state, alone.word) == ("unchecked", "one validator")
    assert "one validator alone signs this chain" in alone.sentence
    assert "nobody else vouches for it" in alone.todo
    assert "name a second one" in replace(sound, signers=1).verdict.todo
    for changed in ({"unproved": ["x"]}, {"rules": replace(sound.rules, folded_by=1)}):
        other = replace(sound, signers=1, **changed).verdict
        assert other.word != "one validator"
        assert other.todo.endswith("One validator alone signs this chain: nobody else vouches for it.")


@pytest.mark.parametrize(
    ("changed", "state", "word", "said"),
    [
        ({"stopped": True, "incident": "x"}, "failed", "trouble", "Reading has stopped"),
        ({"answered_at": None, "stalled": True}, "failed", "trouble", "No node has answered so far."),
        ({"stalled": True, "unasked": True}, "failed", "trouble", "no node has been asked for a while"),
        ({"stalled": True, "unasked": False}, "failed", "trouble", "no node has answered for a while"),
        ({"incident": "A node gave."}, "failed", "trouble", "contradicts what is shown here. A node gave."),
        ({"behind": 1}, "unchecked", "catching up", "1 block behind."),
        ({"behind": 2_000}, "unchecked", "catching up", "2,000 blocks behind."),
        ({"ahead": 2}, "unchecked", "ahead of its nodes", "2 blocks more than its nodes have"),
        ({"height": -1}, "unchecked", "nothing yet", "No block has been read so far."),
        (
            {"block_at": timezone.now() - timedelta(days=9)},
            "unchecked",
            "no new block",
            "no new block for a while",
        ),
    ],
)
def test_the_worst_is_said_first(
    sound: Status, changed: dict[str, object], state: str, word: str, said: str
) -> None:
    found = verdict(sound, replace(sound.chain.freshness, **changed))  # type: ignore[arg-type]
    assert (found.state, found.word, said in found.sentence, bool(found.todo)) == (state, word, True, True)


def test_what_is_missing_or_not_proved_is_said(sound: Status, recorded_chain: ChainView) -> None:
    fresh = sound.chain.freshness
    assert "Some blocks are missing" in verdict(replace(sound, gaps=[HeightRange(3, 4)]), fresh).sentence
    assert "1 thing is not proved" in verdict(replace(sound, unproved=["x"]), fresh).sentence
    assert verdict(replace(sound, unproved=["x"]), fresh).is_up_to_date
    assert not verdict(replace(sound, gaps=[HeightRange(3, 4)]), fresh).is_up_to_date
    assert "2 things are not proved" in verdict(replace(sound, unproved=["x", "y"]), fresh).sentence
    known = status(recorded_chain).unknown_operations
    assert "not understood" in verdict(replace(sound, unknown_operations=known), fresh).sentence


def test_an_incident_that_casts_doubt_is_told_for_a_week(recorded_chain: ChainView) -> None:
    incidents.record(recorded_chain.id, "refused-witness", "No signature holds.", height=7)
    assert chain_with(recorded_chain.brid).freshness.incident == ""
    incidents.record(recorded_chain.id, "block-changed", "Another block.", height=7)
    said = "A node gave another block in the place of one that was final."
    assert chain_with(recorded_chain.brid).freshness.incident == said
    Incident.objects.update(last_at=timezone.now() - timedelta(days=8))
    assert chain_with(recorded_chain.brid).freshness.incident == ""


@pytest.mark.parametrize(
    "rule", ["arguments-not-known", "owner-signs", "next-owner-signs", "record-exists", "of-another-day"]
)
def test_an_operation_that_broke_a_rule_casts_doubt(recorded_chain: ChainView, rule: str) -> None:
    incidents.record(recorded_chain.id, f"rule-{rule}", "It is on chain.", height=7)
    told = chain_with(recorded_chain.brid).freshness.incident
    assert told == in_words(f"rule-{rule}")
    assert "rule-" not in told
    assert told.endswith(".")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("refused-witness", "What a node gave did not hold: it was refused, and nothing of it is shown."),
        ("rule-arguments", "An operation broke the rules of the chain's program as they are known here."),
        ("something-new", "Something new."),
    ],
)
def test_every_kind_of_incident_has_words(kind: str, words: str) -> None:
    assert in_words(kind) == words
