"""In which texts of a record words were found."""

import json
import re
from collections.abc import Sequence

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.lists.search import finding
from explorer.queries.lists.search.asked import asked_of
from explorer.queries.lists.search.deadline import Deadline, bounded
from explorer.queries.lists.search.finding import Part
from explorer.queries.lists.search.matches import matches
from explorer.queries.records.match import Match
from explorer.queries.records.row import Place
from explorer.search.parsing import parse
from explorer.search.tree import Side
from indexer.models import Answer as StoredAnswer
from indexer.models import Prompt, Record, Suppression, Transaction
from indexer.records import erase
from tests.explorer.shown import index_again, index_made
from tests.indexer.made import MadeChain, add, completion, update

pytestmark = pytest.mark.django_db


def messages(text: str, *, system: str = "Be brief.") -> str:
    return json.dumps([{"role": "system", "content": system}, {"role": "user", "content": text}])


CALLING = json.dumps(
    {
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": "I look it up",
                    "tool_calls": [{"function": {"name": "weather", "arguments": '{"town": "Uppsala"}'}}],
                }
            }
        ]
    }
)


@pytest.fixture
def chain() -> ChainView:
    """Records 1 to 5: one that is edited twice, a call, no completion, a long one, and plain words."""
    made = MadeChain()
    made.block(
        add(completion("a heron stands"), messages=messages("What bird\nis this?", system="Speak of birds.")),
        add(CALLING, messages=messages("Weather?")),
        add('{"error": "no heron today"}', messages=messages("Err?")),
        add(
            completion("word " * 40_000 + "a kingfisher " + "word " * 60_000),
            messages=messages("x " * 200_000),
        ),
        add(completion("nothing of it"), messages=messages("Nothing?")),
    )
    made.block(update(1, completion("an egret stands")))
    made.block(update(1, completion("a stork, no heron")))
    return index_again(made)


def found(chain: ChainView, line: str) -> dict[int, Sequence[Match]]:
    """The matches of each record, by its id."""
    records = {
        Place(chain.id, position): number
        for number, position in Record.objects.filter(chain_id=chain.id).values_list("prompt_id", "position")
    }
    return {records[at]: each for at, each in matches(records, parse(line)).items() if each}


def told(matches: Sequence[Match]) -> list[tuple[str, int, str, list[str]]]:
    return [
        (each.side.value, each.revision, each.line.text, [each.line.text[a:b] for a, b in each.line.marks])
        for each in matches
    ]


def test_each_text_that_has_the_words_is_named_with_its_revision(chain: ChainView) -> None:
    hits = found(chain, "heron OR birds")
    assert told(hits[1]) == [
        ("prompt", 1, "Speak of birds.", ["birds"]),
        ("answer", 3, "a stork, no heron", ["heron"]),
        ("answer", 1, "a heron stands", ["heron"]),
    ]
    assert [(each.is_first, each.is_now) for each in hits[1][1:]] == [(False, True), (True, False)]
    assert told(hits[3]) == [("answer", 1, '{"error":"no heron today"}', ["heron"])]
    assert sorted(hits) == [1, 3]


def test_versions_that_do_not_count_are_not_shown(chain: ChainView) -> None:
    assert [each.revision for each in found(chain, "said:first heron")[1]] == [1]
    assert [each.revision for each in found(chain, "said:now heron")[1]] == [3]
    assert found(chain, "said:now egret") == {}
    assert [each.revision for each in found(chain, "egret")[1]] == [2]


def test_words_are_looked_for_on_their_side_alone(chain: ChainView) -> None:
    assert [each.side for each in found(chain, "prompt:bird answer:heron")[1]] == [
        Side.PROMPT,
        Side.ANSWER,
        Side.ANSWER,
    ]
    assert 1 not in found(chain, "answer:bird")


def test_calls_are_texts_too(chain: ChainView) -> None:
    assert told(found(chain, "uppsala")[2]) == [("answer", 1, 'weather(town="Uppsala")', ["Uppsala"])]


def test_what_is_deep_in_a_long_answer_is_found_and_what_is_longer_than_is_read_is_left_out(
    chain: ChainView,
) -> None:
    ((side, revision, text, marks),) = told(found(chain, "kingfisher")[4])
    assert (side, revision, marks) == ("answer", 1, ["kingfisher"])
    assert len(text) <= 200
    assert found(chain, "x") == {}


def test_hostile_and_empty_lines_are_matched_without_error(chain: ChainView) -> None:
    assert found(chain, "-heron") == {}
    assert found(chain, "") == {}
    assert matches([], parse("heron")) == {}


def test_the_queries_are_as_many_however_many_rows(
    chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    every = [Place(chain.id, each) for each in Record.objects.values_list("position", flat=True)]
    with django_assert_max_num_queries(5):
        matches(every, parse("heron"))


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_what_is_withheld_is_shown_nowhere(chain: ChainView, mode: Suppression.Mode) -> None:
    heron = StoredAnswer.objects.get(text="a heron stands")
    asked = Prompt.objects.get(text__contains="birds")
    town = Transaction.objects.get(chain_id=chain.id, height=0, ordinal=1)
    for subject, key in (("content", heron.pk), ("content", asked.pk), ("transaction", town.rid)):
        erase.suppress(Suppression.Subject(subject), bytes(key), mode=mode, reason="wish", by="me")
    assert told(found(chain, "heron birds stork")[1]) == [
        ("answer", 3, "a stork, no heron", ["stork", "heron"])
    ]
    assert found(chain, "uppsala") == {}


HALVED = (
    r"a heron \ud83d stands",
    r"heron \udc00",
    r"\ud83d\ud83d heron",
    r"a true ? beside a \uDBFF heron",
    r"heron \ud83d\ude00 \ud83d",
)


@pytest.mark.parametrize("text", HALVED)
def test_half_a_character_is_marked_in_messages_and_answers_alike(text: str, client: Client) -> None:
    made = MadeChain()
    said = f'{{"choices":[{{"message":{{"role":"assistant","content":"{text}"}}}}]}}'
    made.block(add(said, messages=f'[{{"role":"user","content":"{text}"}}]'))
    chain = index_made(made)
    told = [each.line.text for each in found(chain, "heron")[1]]
    marked = re.sub("[\ud800-\udfff]", "\ufffd", json.loads(f'"{text}"'))
    assert told == [marked] * 2
    page = client.get(f"/chains/{chain.rid}/records?q=heron").content.decode()
    rows = page[page.index("<tbody") :]
    assert rows.count("in the prompt:") == rows.count("in the answer:") == 1
    assert "a? heron" not in rows
    assert rows.count("\ufffd") + rows.count("U+FFFD") == 2 * marked.count("\ufffd")
    (row,) = client.get(f"/api/v1/chains/{chain.rid}/records?q=heron").json()["results"]
    snippets = [each["snippet"] for each in row["matches"]]
    assert snippets == [marked] * 2


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_half_a_character_leads_past_no_gate(mode: Suppression.Mode) -> None:
    made = MadeChain()
    for each in ("one", "two"):
        made.block(add(completion(each), messages=r'[{"role":"user","content":"a heron \ud83d"}]'))
    chain = index_made(made)
    assert sorted(found(chain, "heron")) == [1, 2]
    rid = made.blocks[0].transactions[0].rid
    erase.suppress(Suppression.Subject.TRANSACTION, rid, mode=mode, reason="wish", by="me")
    assert sorted(found(chain, "heron")) == [2]
    asked = bytes(Prompt.objects.get(text__contains="heron").pk)
    erase.suppress(Suppression.Subject.CONTENT, asked, mode=mode, reason="wish", by="me")
    assert found(chain, "heron") == {}


def positions(chain: ChainView, line: str) -> set[int]:
    """The ids of the records that a line finds in what is derived of the chain."""
    asked = asked_of(chain, parse(line))
    with bounded(Deadline.within(60)) as statements:
        hits = finding.search(asked, Part(rows=50), statements)
    assert hits.is_exhausted
    of = Record.objects.filter(chain_id=chain.id, position__in=hits.positions)
    return set(of.values_list("prompt_id", flat=True))


@pytest.mark.parametrize(
    "line",
    [
        *("heron", "heron OR birds", "egret", "said:first heron", "said:now heron", "said:now egret"),
        *("prompt:bird", "answer:bird", '"what bird is this"', '"brief weather"', "user", "-heron", "err*"),
        *("uppsala", "absent"),
    ],
)  # fmt: skip
def test_what_is_found_is_shown_and_what_is_shown_is_found(chain: ChainView, line: str) -> None:
    assert set(found(chain, line)) <= positions(chain, line)
    if not line.startswith("-"):
        # Beyond the bounds of what is read for a page, or of what an index takes, neither says all.
        assert positions(chain, line) - {4} == set(found(chain, line)) - {4}


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_what_is_withheld_is_found_by_nothing(chain: ChainView, mode: Suppression.Mode) -> None:
    heron = StoredAnswer.objects.get(text="a heron stands")
    assert positions(chain, "said:first heron") == {1, 3}
    erase.suppress(Suppression.Subject.CONTENT, bytes(heron.pk), mode=mode, reason="wish", by="me")
    assert positions(chain, "said:first heron") == {3}
    assert positions(chain, "heron stork") == {1}
