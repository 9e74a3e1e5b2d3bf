"""The API's prompts: the same words as their pages."""

import pytest

from explorer.queries.chain.chains import ChainView
from explorer.queries.prompts import given
from explorer.queries.prompts.asked import ORDERS_OF_PROMPTS
from indexer.models import DerivationCheckpoint, Suppression
from indexer.records.erase import suppress
from tests.explorer.api.asking import ask, record, refused, told, walked
from tests.explorer.shown import index_again, index_made
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db


def asking(number: int) -> str:
    return f'[{{"role":"user","content":"question {number}"}}]'


def grown(number: int = 1) -> MadeChain:
    """Question 0 has three answers of five records, question 1 one of two, the others one of one each."""
    made = MadeChain(more={"number": number})
    made.block(*(add(completion(each), messages=asking(0), uid=uid) for uid, each in enumerate("aaabc")))
    made.block(*(add(completion("a"), messages=asking(1), uid=1 << 60) for _ in range(2)))
    made.block(*(add(completion("a"), messages=asking(each)) for each in range(2, 6)))
    made.block(update(1, completion("d")), delete(4))
    return made


@pytest.fixture
def chain() -> ChainView:
    return index_again(grown())


def key(chain: ChainView, prompt_id: int = 1) -> str:
    found = record(chain, prompt_id)["prompt_key"]
    assert isinstance(found, str)
    return found


def test_a_row_says_how_many_records_and_answers_there_are(chain: ChainView) -> None:
    (first, *_) = told("/prompts?order=answers")["results"]
    assert first["prompt_key"] == key(chain)
    assert (first["records"], first["live"], first["edited"], first["deleted"]) == (5, 4, 1, 1)
    assert (first["answers"], first["answers_now"], first["answers_ever"]) == (3, 3, 4)
    assert first["determinism"] == {"agreeing": 3, "paired": 5}
    assert first["prompt"]["text"] == "question 0"
    assert (first["chain"], first["newest"]) == (chain.rid, 5)


def test_each_order_gives_every_prompt_once_whatever_the_page(chain: ChainView) -> None:
    other = index_made(grown(2))
    for order in ORDERS_OF_PROMPTS:
        whole = told(f"/prompts?order={order}&limit=100")["results"]
        assert len({(each["chain"], each["prompt_key"]) for each in whole}) == len(whole) == 12
        for limit in (1, 5):
            assert list(walked(f"/prompts?order={order}&limit={limit}")) == whole
    assert [each["chain"] for each in told(f"/prompts?chain={other.rid}")["results"]] == [other.rid] * 6
    answers = [each["answers"] for each in told("/prompts?order=answers")["results"]]
    assert answers == sorted(answers, reverse=True)


def test_a_cursor_goes_on_with_its_own_list_alone(chain: ChainView) -> None:
    following = told("/prompts?limit=1")["next"]
    cursor = following.partition("cursor=")[2]
    for other in (f"/prompts?order=answers&cursor={cursor}", f"/prompts?chain={chain.rid}&cursor={cursor}"):
        assert ask(other).status_code == 400
    problem = refused("/prompts?order=best", 400, "bad-parameter")
    assert problem["errors"][0]["detail"] == "order is one of answers, disagreement, newest, not “best”."
    refused(f"/prompts?chain={'0F' * 32}", 404, "not-here")


def test_answers_that_are_not_listed_follow(chain: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/prompts/{key(chain)}"
    whole = [each["said_key"] for each in told(path)["answers"]]
    assert told(path)["answers_next"] is None
    monkeypatch.setattr(given, "MOST_ANSWERS", 1)
    seen: list[str] = []
    at: str | None = path
    while at is not None:
        found = told(at)
        seen += [each["said_key"] for each in found["answers"]]
        at = found["answers_next"] and found["answers_next"].partition("/api/v1")[2]
    assert seen == whole
    assert told(f"{path}?chain={chain.rid}")["answers_left_out"] == len(whole) - 1
    refused(f"{path}?chain={'0F' * 32}", 404, "not-here")
    refused(f"{path}?cursor=x", 400, "bad-parameter")


def test_a_prompt_has_each_different_answer_once(chain: ChainView) -> None:
    found = told(f"/prompts/{key(chain)}")
    rows = [
        (each["letter"], each["answer"]["text"], each["records"], each["now"]) for each in found["answers"]
    ]
    assert rows == [("A", "a", 3, 2), ("B", "b", 1, 0), ("C", "c", 1, 1), ("D", "d", 0, 1)]
    assert (found["answer_count"], found["answers_left_out"], found["answers_are_exact"]) == (3, 0, True)
    first = found["answers"][0]
    assert (first["scouts"], first["scout_count"], first["edited"], first["deleted"]) == (
        ["0", "1", "2"],
        3,
        1,
        0,
    )
    assert first["models"] == [{"model": "gemma2-9b-it", "provider": "groq", "records": 3}]
    assert (first["chain"], first["prompt_id"]) == (chain.rid, 1)
    assert [(each["prompt_id"], each["letter"], each["commonest"]) for each in found["differing"]] == [
        (4, "B", "A"), (5, "C", "A"),
    ]  # fmt: skip
    assert [
        (each["commonest_records"], each["cohort_records"], each["has_most"]) for each in found["differing"]
    ] == [(3, 5, True)] * 2
    (cohort,) = found["cohorts"]
    assert (cohort["seed"], cohort["records"], cohort["agreeing"], cohort["letter"]) == ("1", 5, 3, "A")
    assert cohort["has_most"] is True
    assert found["conversation"][0]["content"] == "question 0"
    said = f"/records?prompt_key={found['prompt_key']}&said_key={first['said_key']}"
    assert [each["prompt_id"] for each in told(said)["results"]] == [3, 2, 1]
    edited = f"/records?prompt_key={found['prompt_key']}&said_key={found['answers'][3]['said_key']}"
    assert [each["prompt_id"] for each in told(edited)["results"]] == [1]


def test_where_two_answers_were_given_as_often_neither_has_most() -> None:
    made = MadeChain()
    made.block(*(add(completion(each), messages=asking(0)) for each in "ab"))
    found = told(f"/prompts/{key(index_made(made))}")
    ((line,), (cohort,)) = found["differing"], found["cohorts"]
    assert (line["prompt_id"], line["commonest_records"], line["cohort_records"]) == (2, 1, 2)
    assert (line["has_most"], cohort["has_most"]) == (False, False)


def test_several_chains_are_added_up(chain: ChainView) -> None:
    index_made(grown(2))
    found = told(f"/prompts/{key(chain)}")
    assert (found["records"], found["answer_count"], len(found["chains"])) == (10, 3, 2)
    assert [each["records"] for each in found["answers"]] == [6, 2, 2, 0]
    assert found["determinism"] == {"agreeing": 6, "paired": 10}
    assert len(found["as_of"]) == 2


def test_a_prompt_that_is_not_here_or_no_key_is_not_found(chain: ChainView) -> None:
    refused(f"/prompts/{'0F' * 32}", 404, "not-here")
    refused("/prompts/x", 404, "not-here")
    assert ask(f"/prompts/{key(chain).lower()}").headers["Location"].endswith(f"/prompts/{key(chain)}")


@pytest.mark.parametrize("mode", list(Suppression.Mode))
def test_withheld_messages_are_a_problem_that_holds_the_rest(
    chain: ChainView, mode: Suppression.Mode
) -> None:
    path = f"/prompts/{key(chain)}"
    suppress(
        Suppression.Subject.CONTENT, bytes.fromhex(key(chain)), mode=mode, reason="a wish", by="the operator"
    )
    problem = refused(path, 451, "withheld")
    assert problem["prompt"]["messages"] is None
    assert problem["prompt"]["conversation"] is None
    assert problem["prompt"]["withheld"][0]["reason"] == "a wish"
    assert problem["prompt"]["answers"][0]["answer"]["text"] == "a"
    assert "question 0" not in ask(path).content.decode()
    assert "question 0" not in ask("/prompts").content.decode()


def test_how_far_the_numbers_go_is_said(chain: ChainView) -> None:
    assert told("/prompts")["counted_to"] == []
    DerivationCheckpoint.objects.filter(chain_id=chain.id, name="prompts").update(height=1)
    for path in ("/prompts", f"/prompts/{key(chain)}"):
        assert told(path)["counted_to"] == [{"chain": chain.rid, "height": 1}]
