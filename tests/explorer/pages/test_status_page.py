"""The page of how the index stands, and what of it every page says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView
from indexer.models import (
    Checkpoint,
    ConfigurationStanding,
    DerivationCheckpoint,
    Node,
    Reconciliation,
)
from indexer.trust import incidents
from tests.explorer.pages.asking import of, page

pytestmark = pytest.mark.django_db
TOO_LARGE = "2 of 4 signers left. That is more than a third of them, which no other node can vouch for."
FILLED = BlockFilter(BlockKind.WITH_TRANSACTIONS)


def test_status_tells_of_nodes_coverage_and_what_is_not_proved(recorded_chain: ChainView) -> None:
    text = page("/status")
    assert f"0 to {recorded_chain.freshness.height:,}" in text
    assert "signer change not self-proved" in text
    assert "answers" in text
    for derived in DerivationCheckpoint.Of:
        assert f">{derived.label}</th>" in text


def test_status_cuts_nothing_that_an_operator_must_read(recorded_chain: ChainView) -> None:
    long = "Words that matter. " * 50
    incidents.record(recorded_chain.id, "gap", f"{long[:890]} the end.", height=0)
    Node.objects.filter(chain_id=recorded_chain.id).update(
        failed_at=timezone.now() + timedelta(hours=1), failure=f"{long[:280]} of its words."
    )
    ConfigurationStanding.objects.filter(chain_id=recorded_chain.id, height=30).update(
        why=f"{long[:500]} of the reason."
    )
    text = page("/status")
    for words in ("the end.", "of its words.", "of the reason."):
        assert words in text


def test_status_counts_one_as_one_and_thousands_with_their_commas(recorded_chain: ChainView) -> None:
    node = Node.objects.get(chain_id=recorded_chain.id)
    Node.objects.update(height=1_204_331)
    Reconciliation.objects.create(node=node, height=115, at=timezone.now(), asked=1, differing=1)
    Checkpoint.objects.update(transactions=1, operations=1)
    text = page("/status")
    assert "1,204,331</td>" in text
    assert "1 answer of its own compared with our records at height 115, 1 differs" in text
    assert "with 1 transaction and 1 operation<" in text


def test_advice_to_the_operator_stands_on_the_status_page_alone(recorded_chain: ChainView) -> None:
    assert "can name a second one" in page("/status")
    text = page(of(recorded_chain, "/configurations/40"))
    assert "a second one could confirm it" in text
    assert "name a second one" not in text


def test_no_second_node_is_asked_for_where_none_could_help(recorded_chain: ChainView) -> None:
    standings = ConfigurationStanding.objects.filter(chain_id=recorded_chain.id, height__gt=0)
    standings.update(why=TOO_LARGE)
    text = page("/status")
    assert TOO_LARGE in text
    assert "second one" not in text
    assert "NODE=" not in text
    assert "no second node confirms it" in page(of(recorded_chain, "/configurations"))
    unseen = "The header of block 55 names it, and no node gave it."
    standings.filter(height=55).update(standing="unseen", why=unseen)
    text = page("/status")
    assert "What no node gave another one may give" in text
    assert "second one" not in text


def test_status_begins_with_a_verdict_and_then_incidents_in_words(recorded_chain: ChainView) -> None:
    incidents.record(recorded_chain.id, "state-differs", "Node x says otherwise.", height=7)
    text = page("/status")
    said = "The records of a node differ from those here."
    assert f"Something contradicts what is shown here. {said}" in text
    assert text.index("Do not rely on it") < text.index(">Incidents<") < text.index(">Parts<")
    assert text.index("Node x says otherwise.") < text.index(">Parts<")


def test_an_incident_that_matters_is_in_the_masthead_of_every_page(recorded_chain: ChainView) -> None:
    incidents.record(recorded_chain.id, "refused-root", "A wrong root.", height=7)
    assert "See what is known" not in page(of(recorded_chain, "/blocks"))
    incidents.record(recorded_chain.id, "block-changed", "Another one.", height=7)
    for path in ("/", "/status", of(recorded_chain, "/blocks"), "/find"):
        masthead = page(path).partition("</header>")[0]
        assert "A node gave another block in the place of one that was final." in masthead
        assert "See what is known" in masthead
