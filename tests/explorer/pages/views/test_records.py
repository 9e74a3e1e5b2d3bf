"""The page of a record: what it says, and what it refuses."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from explorer.queries.chain.chains import ChainView
from explorer.queries.records.record import record
from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from indexer.models import Owner, Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.markup import read
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
SECRET = "call 555-0199 tonight"
AGAIN = completion("one").replace(" ", "")
REASON = "it is somebody's telephone number"

Index = Callable[[MadeChain], ChainView]


@pytest.fixture
def index() -> Iterator[Index]:
    """Chains that one test makes."""
    yield shown.index_made
    shown.forget()


@pytest.fixture
def small() -> Iterator[ChainView]:
    """Records 1 as first written, 2 edited, 3 deleted after an edit, 4 with a secret."""
    made = MadeChain()
    made.block(add(completion("one")), add(completion("two")), add(completion("three")))
    made.block(update(2, completion("two, edited")), update(3, completion("three, edited")))
    made.block(delete(3))
    made.block(add(completion(SECRET)))
    yield shown.index_again(made)
    shown.forget()


def test_a_record_says_in_a_sentence_how_it_stands(small: ChainView) -> None:
    assert "stands as it was first written" in page(of(small, "/records/1"))
    edited = page(of(small, "/records/2"))
    assert "was replaced once" in edited
    assert "edited once" in edited
    deleted = page(of(small, "/records/3"), status=410)
    assert "was deleted from the table of the chain" in deleted
    assert "deleted after 1 edit" in deleted
    assert "three, edited" in deleted


def test_a_record_gives_each_hash_that_it_is_found_by(small: ChainView) -> None:
    found = record(small, 2)
    text = page(of(small, "/records/2"))
    for hashed in (found.messages.hash, found.prompt, signed_hash(completion("two, edited"))):
        assert f'data-full="{hashed.hex().upper()}"' in text
    key = signed_hash(rell_json.quote("two, edited"))
    assert f'data-full="{key.hex().upper()}"' in text
    assert f"{found.row.created_at} ms" in text
    assert get(f"/find?q={key.hex()}").headers["Location"] == of(small, "/records/2")


@pytest.mark.parametrize(("asked", "cited"), [("", 2), ("?revision=1", 1), ("?revision=2&view=json", 2)])
def test_what_is_cited_is_what_is_read(small: ChainView, asked: str, cited: int) -> None:
    revision = record(small, 2).revisions[cited - 1]
    markup = read(page(of(small, f"/records/2{asked}")))
    assert of(small, f"/records/2?revision={cited}#cite") in [each["href"] for each in markup.named("a")]
    for words in (
        f"Record 2, revision {cited}, http://testserver{of(small, f'/records/2?revision={cited}')}.",
        f"Chain {small.rid}, block {revision.height} of ",
        f"transaction {revision.transaction_rid.hex().upper()}.",
    ):
        assert words in markup.text


def test_each_revision_names_its_key_and_a_deletion_has_evidence_of_its_own(small: ChainView) -> None:
    found = record(small, 3)
    text = page(of(small, "/records/3"), status=410)
    markup = read(text)
    strata = text[text.index('class="strata"') :]
    assert found.revisions[-1].owner is not None
    key = f'data-full="{found.revisions[-1].owner.hex().upper()}"'
    assert strata.count(key) == 3
    assert "signed by the key allowed to write at that time" in strata
    assert "And that it was deleted?" in markup.text
    assert "code it deletes this record" in markup.text
    assert markup.text.count("Signed by the key that the dapp lets write at this height") == 2
    assert f"Block {found.revisions[-1].height}" in markup.text
    assert "And that it was deleted?" not in page(of(small, "/records/2"))


def test_what_another_key_signed_is_not_said_to_hold(small: ChainView) -> None:
    Owner.objects.filter(chain_id=small.id).update(key=b"\2" * 33)
    text = page(of(small, "/records/1"))
    assert '<li class="failed">' in text
    assert "The key that the dapp lets write at this height did not sign it" in text
    Owner.objects.filter(chain_id=small.id).update(key=None)
    text = page(of(small, "/records/1"))
    assert '<li class="failed">' not in text
    assert "Signed by the key:" in text


def test_only_an_answer_that_was_given_most_often_is_said_to_be(index: Index) -> None:
    made = MadeChain()
    made.block(*(add(completion(answer)) for answer in ("one", "one", "two", "three")))
    asked = json.dumps([{"role": "user", "content": "another"}])
    made.block(*(add(completion(answer), messages=asked) for answer in ("one", "one", "two", "two")))
    chain = index(made)
    assert "A is the one that was first given most often" in page(of(chain, "/records/3"))
    tied = page(of(chain, "/records/5"))
    assert "4 records answer these messages" in tied
    assert "most often" not in tied


def test_a_record_leads_to_those_before_and_after_and_in_its_block(small: ChainView) -> None:
    def around(prompt_id: int) -> dict[str | None, str | None]:
        links = read(page(of(small, f"/records/{prompt_id}"))).named("a")
        return {each["rel"]: each["href"] for each in links if each.get("rel") in ("prev", "next")}

    assert around(1) == {"next": of(small, "/records/2")}
    assert around(2) == {"prev": of(small, "/records/1"), "next": of(small, "/records/3")}
    assert around(4) == {"prev": of(small, "/records/3")}
    assert f'href="{of(small, "/blocks/0#records")}"' in page(of(small, "/records/2"))
    assert 'id="records"' in page(of(small, "/blocks/0"))


def test_each_revision_says_what_it_did_and_other_words_are_shown(small: ChainView) -> None:
    text = page(of(small, "/records/3"), status=410)
    assert text.count(">three, edited</div>") == 1
    assert text.count(">three</div>") == 1
    for words in ("as first written", "answer replaced", "Shown above", "deleted"):
        assert words in text
    first = page(of(small, "/records/3?revision=1"), status=410)
    assert "Answer, revision 1" in first
    assert first.count(">three, edited</div>") == 1


def test_a_result_that_is_replaced_by_one_with_the_same_answer_is_said_to_be(index: Index) -> None:
    made = MadeChain()
    made.block(add(completion("one")))
    made.block(update(1, AGAIN))
    made.block(update(1, AGAIN))
    chain = index(made)
    text = page(of(chain, "/records/1"))
    assert "the answer in it is the one that it had at first" in text
    assert "result replaced, the same answer" in text
    assert "written again, the same bytes" in text
    assert text.count(">one</div>") == 1


def test_json_is_laid_out_with_every_token_as_it_was_signed(index: Index) -> None:
    result = '{"choices":[{"message":{"content":"one"}}],"t":1.10,"t":2E0,"s":"\\u00e9"}'
    made = MadeChain()
    made.block(add(result), add("no JSON"))
    chain = index(made)
    text = read(page(of(chain, "/records/1?view=json"))).text
    none = page(of(chain, "/records/2?view=json"))
    assert '"t": 1.10,\n  "t": 2E0,\n  "s": "\\u00e9"' in text
    assert "This result is no JSON" in none


def test_a_long_conversation_and_a_long_answer_are_shown_as_far_as_a_page_can_bear(index: Index) -> None:
    messages = [{"role": "user", "content": f"question {number}"} for number in range(1_000)]
    made = MadeChain()
    made.block(add(completion("word " * 100_000), messages=json.dumps(messages)))
    chain = index(made)
    text = page(of(chain, "/records/1"))
    for view in ("json", "raw"):
        assert len(page(of(chain, f"/records/1?view={view}"))) < 60_000
    assert len(text) < 60_000
    assert "950 messages between are not shown here" in text
    assert ">question 999</div>" in text
    assert "The first 20,000 of 500,000 characters" in text
    assert f'href="{of(chain, "/records/1/raw/1/result")}">All of it</a>' in text


def test_more_than_sixty_peers_are_one_mark_an_answer(index: Index) -> None:
    made = MadeChain()
    made.block(*(add(completion("A" if number < 50 else f"alone {number}")) for number in range(80)))
    made.block(delete(1), update(2, completion("other")), delete(80))
    chain = index(made)
    text = read(page(of(chain, "/records/79"))).text
    assert "80 records answer these messages" in text
    assert "Answer A 50 records" in text
    assert "Answer A 48 records" in text
    assert "record\u2019s answer, " in text
    assert "18 with other answers" in text
    assert "deleted: 2" in text


def test_an_earlier_revision_is_read_at_an_address_of_its_own(small: ChainView) -> None:
    first = page(of(small, "/records/2?revision=1"))
    assert "Answer, revision 1" in first
    above, _, below = first.partition('id="revisions"')
    assert ">two</div>" in above
    assert "two, edited</div>" not in above
    assert ">two, edited</div>" in below


def test_a_revision_that_says_nothing_or_is_not_there_is_not_found(small: ChainView) -> None:
    assert "it has 3 in all, and a deletion has none" in page(of(small, "/records/3?revision=3"), status=404)
    assert "it has 2 in all" in page(of(small, "/records/2?revision=9"), status=404)


def numbered(shown: str) -> list[int]:
    """The numbers of the revisions that a page lists."""
    return [int(each) for each in re.findall(r"<h3>(\d+)</h3>", shown)]


def stretches(shown: str) -> list[int]:
    """The revisions up to which it offers to list others."""
    return [int(each) for each in re.findall(r"\?revision=(\d+)#revisions", shown)]


def test_an_answer_is_not_called_replaced_where_it_never_was(index: Index) -> None:
    made = MadeChain()
    made.block(add(completion("the same", id="1")))
    for number in range(2, 61):
        made.block(update(1, completion("the same", id=str(number))))
    text = page(of(index(made), "/records/1"))
    assert "are not listed here" in text
    assert "answer replaced" not in text
    assert text.count("result replaced") == 49


def test_every_one_of_many_revisions_can_be_reached(index: Index) -> None:
    made = MadeChain()
    made.block(add(completion("answer 1")))
    for number in range(2, 131):
        made.block(update(1, completion(f"answer {number}")))
    made.block(delete(1))
    chain = index(made)
    newest, lower = (
        page(of(chain, "/records/1"), status=410),
        page(of(chain, "/records/1?revision=82"), status=410),
    )
    lowest = page(of(chain, "/records/1?revision=33"), status=410)
    assert [stretches(each) for each in (newest, lower, lowest)] == [[82], [129, 33], [99]]
    assert {*numbered(newest), *numbered(lower), *numbered(lowest)} == set(range(1, 132))
    middle = page(of(chain, "/records/1?revision=60"), status=410)
    assert "Answer, revision 60" in middle
    assert "52 of 131 revisions are listed" in middle
    assert "Revisions 2 to 11 are not listed here" in middle
    assert "Revisions 61 to 129 are not listed here" in middle
    assert "Revisions 2 to 82 are not listed here" in newest
    assert stretches(middle) == [109, 11]
    assert json.loads(get(of(chain, "/records/1/raw/60/result")).content) == json.loads(
        completion("answer 60")
    )


def test_a_record_that_is_not_there_names_those_that_are(small: ChainView) -> None:
    assert "ids go from 1 to 4" in page(of(small, "/records/5"), status=404)
    assert "ids go from 1 to 4" in page(of(small, "/records/0"), status=404)


def test_what_the_operator_hides_is_a_451_with_the_reason_and_without_the_words(small: ChainView) -> None:
    key = signed_hash(rell_json.quote(SECRET))
    suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason=REASON, by="the operator")
    for view in ("text", "json", "raw"):
        text = page(of(small, f"/records/4?view={view}"), status=451)
        assert "somebody&#x27;s telephone number" in text
        assert "555-0199" not in text
    assert get(of(small, "/records/4/raw/1/result")).status_code == 451
    assert "555-0199" not in page(of(small, "/records"))
    assert "hidden by the operator" in page(of(small, "/records"))


def test_pages_with_words_of_records_stay_out_of_search_engines(small: ChainView, settings: Any) -> None:
    for path in ("/records/1", "/records"):
        assert get(of(small, path)).headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page(of(small, path))
    settings.NOINDEX = False
    assert "X-Robots-Tag" not in get(of(small, "/records/1")).headers
    assert get(of(small, "/records/3")).headers["X-Robots-Tag"] == "noindex"


def test_lower_case_and_a_slash_too_many_lead_to_the_one_address(recorded_chain: ChainView) -> None:
    path = of(recorded_chain, "/records/1")
    for other in (path.replace(recorded_chain.rid, recorded_chain.rid.lower()), f"{path}/"):
        response = get(f"{other}?view=raw")
        assert (response.status_code, response.headers["Location"]) == (301, f"{path}?view=raw")


def test_bytes_are_a_file_that_may_be_kept_for_five_minutes(small: ChainView) -> None:
    path = of(small, "/records/1/raw/1/result")
    response = get(path)
    assert response.content == completion("one").encode()
    for name, value in {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": 'attachment; filename="record-1-revision-1-result.json"',
        "Cache-Control": "public, max-age=300",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }.items():
        assert response.headers[name] == value
    again = Client().get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("rest", ["9/result", "3/result", "2/messages", "1/prompt", "0/result"])
def test_bytes_that_no_revision_signed_are_not_found(small: ChainView, rest: str) -> None:
    why = "it has 3 in all" if rest in ("9/result", "0/result") else "signed no such text"
    assert why in page(of(small, f"/records/3/raw/{rest}"), status=404)


def test_what_withholds_words_is_named_in_a_link(small: ChainView) -> None:
    key = signed_hash(rell_json.quote(SECRET))
    suppress(Suppression.Subject.CONTENT, key, mode=Suppression.Mode.HIDE, reason=REASON, by="the operator")
    for path in ("/records/4", "/records/4/raw/1/result"):
        assert get(of(small, path)).headers["Link"] == '</contact>; rel="blocked-by"'


def test_pages_ask_few_queries(
    recorded_chain: ChainView, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for rest in ("1", "2", "8", "1/raw/1/result"):
        with django_assert_max_num_queries(13):  # four of them for the answers of peers, one for challenges
            get(of(recorded_chain, f"/records/{rest}"))
