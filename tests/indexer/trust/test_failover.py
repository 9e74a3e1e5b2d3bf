"""Which nodes are not believed any more, and for what."""

import pytest

from devnet.rest.exchange import Answer, Question
from indexer.follow import sync
from indexer.models import Incident, Node
from indexer.node.errors import NoNodeAnswers
from indexer.trust import failover, incidents
from tests.indexer import kept
from tests.indexer.made import MadeChain, add
from tests.indexer.serving import AlteredNode, pool_of, refused

pytestmark = pytest.mark.django_db


def short() -> MadeChain:
    made = MadeChain()
    for _ in range(3):
        made.block(add())
    return made


@pytest.mark.parametrize("kind", ["state-differs", "configuration-changed", "operation-not-understood"])
def test_a_sole_node_is_believed_whatever_incident_of_another_kind_comes_beside_its_run(kind: str) -> None:
    with pool_of(AlteredNode(short().recording())) as pool:
        chain = sync.chain_of(pool, None)
        (node,) = pool.nodes

        def meanwhile(_: object) -> None:
            incidents.record(chain.id, kind, "something else", height=1, subject=node.name)

        totals = sync.sync(chain, pool, options=kept.HERE, report=meanwhile)
        assert list(pool.believed) == [node]
    assert totals.height == 2
    assert Incident.objects.get().times > 1
    (kept_node,) = Node.objects.all()
    assert (kept_node.was_false, kept_node.failure) == (False, "")


@pytest.mark.parametrize("status", [401, 403, 429])
def test_nobody_says_that_no_node_answered_where_each_was_asked_and_refused(status: int) -> None:
    def refuses(question: Question, answer: Answer) -> Answer | None:
        return refused(question, status, "no") if question.path[0] == "blocks" else None

    with pool_of(AlteredNode(short().recording(), refuses)) as pool:
        chain = sync.chain_of(pool, None)
        with pytest.raises(NoNodeAnswers, match=str(status)) as caught:
            sync.head(chain, pool)
    assert "no node answered" not in str(caught.value)
    assert caught.value.is_refused


def test_a_node_whose_answer_was_refused_in_another_process_is_not_believed() -> None:
    with pool_of(AlteredNode(short().recording())) as pool:
        chain = sync.chain_of(pool, None)
        before = sync.sync(chain, pool, options=kept.HERE)
        for number, kind in enumerate(("refused-witness", "refused-gap", "block-changed")):
            incidents.record(chain.id, kind, "false", height=number, subject=f"http://{kind}")
        incidents.record(chain.id, "state-differs", "differs", subject="http://another")
    since = Incident.objects.earliest("first_at").first_at
    assert failover.disbelieved(chain, since=since) == {
        "http://refused-witness",
        "http://refused-gap",
        "http://block-changed",
    }
    assert before.height == 2
