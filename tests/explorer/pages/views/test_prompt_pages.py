"""Prompts: the list of them, and the page of one with every different answer to it, each once."""

import re
from hashlib import sha256

import pytest
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.prompts import given
from explorer.queries.prompts.asked import ORDERS_OF_PROMPTS, PromptFilter
from explorer.queries.prompts.asked import page as listed
from explorer.queries.records.record import record
from indexer.models import DerivationCheckpoint, Suppression
from indexer.records.erase import suppress
from tests.explorer.pages.asking import get, page
from tests.explorer.shown import index_again, index_made
from tests.indexer.made import MadeChain, add, completion, delete, update

pytestmark = pytest.mark.django_db
ASKED = '[{"role":"user","content":"What wades in the river?"}]'
OTHER = '[{"role":"user","content":"What sings?"}]'
ALONE = '[{"role":"user","content":"What flies alone?"}]'
HOSTILE = ("<script>alert(1)</script>", "\u202eevil", "  ", "a/b:c 🦆", "x" * 12_000)


def grown() -> MadeChain:
    """Six records of one prompt: a heron four times, an egret and a stork, one of which was deleted."""
    made = MadeChain()
    made.block(
        add(completion("a heron"), messages=ASKED, uid=11),
        add(completion("a heron"), messages=ASKED, uid=12),
        add(completion("an egret"), messages=ASKED, uid=13),
        add(completion("a heron"), messages=ASKED, uid=11, model="other", seed=8),
        add(completion("a wren"), messages=OTHER, uid=14),
    )
    made.block(
        add(completion("a heron"), messages=ASKED, uid=15),
        add(completion("a stork"), messages=ASKED, uid=16),
        update(1, completion("a crane")),
        delete(7),
    )
    return made


@pytest.fixture
def chain() -> ChainView:
    return index_again(grown())


def keys(*, order: str = "newest") -> list[str]:
    """The prompts in the list, in its order."""
    text = page("/prompts" if order == "newest" else f"/prompts?order={order}")
    return re.findall(r'class="line" href="/prompts/([0-9A-F]{64})"', text)


def key_of(question: str) -> str:
    """The address of the prompt that asks so."""
    found = re.search(rf'href="(/prompts/[0-9A-F]{{64}})"><bdi>{re.escape(question)}', page("/prompts"))
    assert found is not None
    return found[1]


def rows(text: str, section: str) -> list[str]:
    """The lines of a table of a page, as they read, but for what leads to comparisons."""
    document = LexborHTMLParser(text)
    for each in document.css('a[href^="/compare"]'):
        each.decompose()
    found = document.css(f"section[aria-labelledby={section}] tbody tr")
    return [" ".join(each.text(separator=" ").split()) for each in found]


def test_the_page_has_one_row_for_each_different_answer(chain: ChainView) -> None:
    text = page(key_of("What wades in the river?"))
    assert "6 records answer these messages, with 3 different answers as first written." in text
    assert "What wades in the river?" in text
    heron, egret, stork, crane = rows(text, "answers")
    assert heron.startswith(
        "Answer A: a heron 4 records that first gave answer A 3 say it now edited 1 3 11 , 12 , 15"
    )
    assert egret.startswith("Answer B: an egret 1 record that first gave answer B 1 says it now 1 13")
    assert stork.startswith("Answer C: a stork 1 record that first gave answer C 0 say it now deleted 1 1 16")
    assert "given by an edit alone 1 11" in crane
    assert f'href="/chains/{chain.rid}/records/1">#1</a>' in text


def test_determinism_is_of_records_that_can_be_compared(chain: ChainView) -> None:
    text = page(key_of("What wades in the river?"))
    (found,) = LexborHTMLParser(text).css("#f-determinism dd")
    assert found.text().split()[:5] == ["3", "of", "5", "60", "%"]
    assert rows(text, "matrix") == [
        "gemma2-9b-it via groq 3 of 5 A 4 live none",
        "other via groq none 1 of 1 A",
    ]
    assert "2 of 5 records that can be compared first gave another answer" in text
    assert [each.split(" ")[:3] for each in rows(text, "differing")] == [
        ["#3", "B", "most"],
        ["#7", "C", "most"],
    ]


def test_where_no_answer_has_most_no_record_is_the_one_that_differs() -> None:
    """Seed 1 is a tie, in seed 2 half gave the commonest, in seed 3 most did."""
    said = [(1, "a heron"), (1, "an egret"), (2, "a heron"), (2, "a heron"), (2, "an egret"), (2, "a crane")]
    made = MadeChain()
    made.block(*(add(completion(each), messages=ASKED, seed=seed) for seed, each in said))
    made.block(*(add(completion(each), messages=ASKED, seed=3) for each in ("a heron", "a heron", "a crane")))
    index_made(made)
    text = page(key_of("What wades in the river?"))
    assert "1 of 9 records that can be compared first gave another answer than most" in text
    assert [each.split(" gemma")[0] for each in rows(text, "differing")] == ["#9 C most gave A 3"]
    assert [each.split(" gemma")[0] for each in rows(text, "undecided")] == [
        "4 records all with this seed A by 2 , B by 1 , C by 1 2",
        "2 records all with this seed A by 1 , B by 1 1",
    ]
    assert rows(text, "matrix") == [
        "gemma2-9b-it via groq 2 of 4 none has most 2 of 3 A 1 of 2 none has most"
    ]


def test_a_prompt_whose_records_are_tied_names_nobody() -> None:
    made = MadeChain()
    made.block(*(add(completion(each), messages=ASKED) for each in ("a heron", "an egret")))
    index_made(made)
    text = page(key_of("What wades in the river?"))
    assert "None: where records can be compared and do not all agree, no answer has most." in text
    assert rows(text, "differing") == []
    assert len(rows(text, "undecided")) == 1


def test_the_number_of_an_answer_leads_to_its_records(chain: ChainView) -> None:
    text = page(key_of("What wades in the river?"))
    found = {
        each.text(strip=True)[:1]: each.attributes["href"] or ""
        for each in LexborHTMLParser(text).css('section[aria-labelledby=answers] a[href*="said_key"]')
    }
    of_heron = page(found["4"])
    assert re.findall(r"/records/(\d+)\">#", of_heron) == ["6", "4", "2", "1"]
    assert "All answers to this prompt" in of_heron


def test_the_list_is_by_newest_by_answers_or_by_disagreement(chain: ChainView) -> None:
    asked, other = (
        key_of(each).removeprefix("/prompts/") for each in ("What wades in the river?", "What sings?")
    )
    for order in ORDERS_OF_PROMPTS:
        assert keys(order=order) == [asked, other]
    assert get("/prompts?order=newest").headers["Location"] == "/prompts"
    assert "is one of answers, disagreement, newest" in page("/prompts?order=best", status=400)
    assert "There is no parameter “modle”" in page("/prompts?modle=x", status=400)


def test_any_case_leads_to_the_one_address_and_what_is_not_asked_is_not_here(chain: ChainView) -> None:
    path = key_of("What sings?")
    assert get(path.lower()).headers["Location"] == path
    assert f'rel="canonical" href="http://testserver{path}"' in get(path).content.decode()
    assert "No record that is indexed here answers" in page(f"/prompts/{'0F' * 32}", status=404)


def test_a_record_and_lists_lead_to_its_prompt_and_back(chain: ChainView) -> None:
    path = key_of("What sings?")
    assert f'href="{path}"' in page(f"/chains/{chain.rid}/records/5")
    assert f'href="/chains/{chain.rid}/records?prompt_key={path[-64:]}"' in page(path)
    asked = key_of("What wades in the river?")
    assert f'<a href="{asked}">All of this prompt</a>' in page("/records")
    assert f'<a href="{asked}">All answers to this prompt</a>' in page(f"/records?prompt_key={asked[-64:]}")


@pytest.mark.parametrize("mode", list(Suppression.Mode))
def test_a_withheld_answer_is_in_no_row(chain: ChainView, mode: Suppression.Mode) -> None:
    path = key_of("What wades in the river?")
    withhold(Suppression.Subject.CONTENT, answer_key("a heron"), mode)
    text = page(path)
    assert "a heron" not in text
    assert "an egret" in text
    assert f"{'hidden' if mode == 'hide' else 'erased'} by the operator" in rows(text, "answers")[0]


@pytest.mark.parametrize("mode", list(Suppression.Mode))
def test_a_withheld_prompt_is_451_and_what_may_be_shown_stays(
    chain: ChainView, mode: Suppression.Mode
) -> None:
    path = key_of("What wades in the river?")
    withhold(Suppression.Subject.CONTENT, bytes.fromhex(path[-64:]), mode)
    text = page(path, status=451)
    assert "wades" not in text
    assert "Reason: <bdi>a wish</bdi>" in text
    assert rows(text, "answers")[0].startswith("Answer A: a heron 4")
    assert "wades" not in page("/prompts")


@pytest.mark.parametrize("mode", list(Suppression.Mode))
def test_what_a_withheld_transaction_alone_said_is_not_shown(
    chain: ChainView, mode: Suppression.Mode
) -> None:
    path, other = key_of("What wades in the river?"), key_of("What sings?")
    withhold(Suppression.Subject.TRANSACTION, transaction_of(chain, 5), mode)
    assert "sings" not in page(other, status=451)
    assert "a wren" not in page(other, status=451)
    withhold(Suppression.Subject.TRANSACTION, transaction_of(chain, 1), mode)
    assert "wades" in page(path)


def test_two_chains_with_one_prompt_are_one_page(chain: ChainView) -> None:
    made = MadeChain(more={"number": 2})
    made.block(*(add(completion(each), messages=ASKED, uid=99) for each in ("a heron", "a goose")))
    second = index_made(made)
    path = f"/prompts/{key_of('What sings?')[-64:]}"
    assert second.rid not in page(path).partition("<main")[2]
    text = page(next(each for each in all_of_list() if each != path))
    assert "8 records answer these messages, with 4 different answers as first written." in text
    assert rows(text, "answers")[0].startswith("Answer A: a heron 5 records")
    assert len(all_of_list()) == 3
    only = page(f"/prompts?chain={second.rid}")
    assert only.count('class="line" href="/prompts/') == 1
    assert len({each.chain.rid for each in listed([chain, second], PromptFilter()).rows}) == 2


def all_of_list() -> list[str]:
    return re.findall(r'class="line" href="([^"]+)"', page("/prompts"))


def test_what_is_not_counted_yet_is_said(chain: ChainView) -> None:
    path = key_of("What wades in the river?")
    DerivationCheckpoint.objects.filter(chain_id=chain.id, name="prompts").update(height=0)
    for each in (path, "/prompts"):
        (counted,) = LexborHTMLParser(page(each)).css("#counted-to")
        assert counted.text().startswith("Counted to block 0, of 1 that are indexed.")
    DerivationCheckpoint.objects.filter(chain_id=chain.id, name="prompts").delete()
    assert "Not counted yet" in page(path)


def test_only_so_many_answers_are_listed_and_the_others_are_counted(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "MOST_ANSWERS", 2)
    path = key_of("What wades in the river?")
    text = page(path)
    first = rows(text, "answers")
    assert len(first) == 2
    assert "2 others follow" in text
    following = link(text, "next")
    text = page(following)
    assert first + rows(text, "answers") == page_of_all(monkeypatch, path)
    assert "These are the last" in text
    assert f'href="{path}#answers">← First answers</a>' in text
    assert "By model, provider and seed" not in text
    assert get(f"{path}?cursor=x").status_code == 400


def page_of_all(monkeypatch: pytest.MonkeyPatch, path: str) -> list[str]:
    """The answers of a prompt where all of them have room, but for their letters."""
    monkeypatch.setattr(given, "MOST_ANSWERS", 50)
    every = rows(page(path), "answers")
    return every[:2] + [
        each.replace(f"Answer {old}:", f"Answer {new}:").replace(f"answer {old} ", f"answer {new} ")
        for each, old, new in zip(every[2:], "CD", "AB", strict=True)
    ]


def all_pages(path: str) -> tuple[list[str], str]:
    """The answers of a prompt on all pages, and the last of these pages."""
    seen: list[str] = []
    at = path
    while at:
        text = page(at.partition("#")[0])
        seen += [each.text() for each in LexborHTMLParser(text).css("#answers ~ table .said-line")]
        at = link(text, "next")
    return seen, text


def both(chain: ChainView) -> tuple[str, ChainView]:
    """The page of the prompt that another chain has too, with six answers, one of which is a heron."""
    made = MadeChain(more={"number": 2})
    said = [*(f"bird {each}" for each in range(5)), "a heron"]
    made.block(*(add(completion(each), messages=ASKED, uid=uid) for uid, each in enumerate(said)))
    return key_of("What wades in the river?"), index_made(made)


def test_answers_on_several_chains_go_on_merged(chain: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    path, second = both(chain)
    whole, _ = all_pages(path)
    birds = [f"bird {each}" for each in range(5)]
    assert whole == ["a heron", "an egret", "a stork", *birds, "a crane"]
    assert rows(page(path), "answers")[0].startswith("Answer A: a heron 5 records")
    monkeypatch.setattr(given, "MOST_ANSWERS", 2)
    seen, last = all_pages(path)
    assert seen == whole
    assert "These are the last" in last
    assert f"{len(whole) - 2} others follow" in page(path)
    cursor = link(page(path), "next").partition("cursor=")[2].partition("#")[0]
    assert "another list" in page(f"{path}?chain={second.rid}&cursor={cursor}", status=400)
    assert "another list" in page(f"{key_of('What sings?')}?cursor={cursor}", status=400)


def test_more_answers_than_are_merged_go_on_chain_by_chain(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, second = both(chain)
    monkeypatch.setattr(given, "MOST_ANSWERS", 2)
    monkeypatch.setattr(given, "MOST_MERGED", 2)
    assert "At most " in page(path)
    seen, last = all_pages(path)
    assert seen == ["a heron", "an egret", "bird 0", "bird 1"]
    assert "at most 6 others, chain by chain" in last
    assert "These are the last" not in last
    assert f'href="{path}?chain={second.rid}#answers"' in last
    of_second, _ = all_pages(f"{path}?chain={second.rid}")
    assert len(of_second) == 6
    cursor = link(page(f"{path}?chain={second.rid}"), "next").partition("cursor=")[2].partition("#")[0]
    assert "another list" in page(f"{path}?cursor={cursor}", status=400)
    assert "another list" in page(f"{path}?chain={chain.rid}&cursor={cursor}", status=400)


def test_each_answer_leads_to_what_differs_from_the_first(chain: ChainView) -> None:
    document = LexborHTMLParser(page(key_of("What wades in the river?")))
    found = [each for each in document.css("section[aria-labelledby=answers] a") if "differs" in each.text()]
    assert [each.text() for each in found] == [f"what differs from A in answer {each}" for each in "BCD"]
    compared = page((found[0].attributes["href"] or "").replace("&amp;", "&"))
    assert "a heron" in compared
    assert "an egret" in compared


def test_a_prompt_of_one_of_several_chains_names_that_chain_once(chain: ChainView) -> None:
    made = MadeChain(more={"number": 2})
    made.block(add(completion("a robin"), messages=ASKED), add(completion("a thrush"), messages=OTHER))
    second = index_made(made)
    either, path = f"{chain.rid[:8]}\u2026", key_of("What wades in the river?")
    assert all(either in each or f"{second.rid[:8]}\u2026" in each for each in rows(page(path), "answers"))
    made.block(add(completion("a lark"), messages=ALONE))
    index_made(made)
    text = page(key_of("What flies alone?"))
    assert f'On one chain alone: <a href="/chains/{second.rid}">' in text
    assert not any(second.rid[:8] in each for each in rows(text, "answers"))


def test_the_same_question_after_other_messages_is_told_apart_by_its_key() -> None:
    made = MadeChain()
    instructed = f'[{{"role":"system","content":"Be brief."}},{OTHER[1:]}'
    made.block(add(messages=OTHER), add(messages=instructed))
    index_made(made)
    found = keys()
    shown = re.findall(r'<span class="mono">([0-9A-F]{8})…</span>', page("/prompts"))
    assert (len(set(found)), shown) == (2, [each[:8] for each in found])


def test_names_and_answers_of_strangers_are_only_words() -> None:
    made = MadeChain()
    made.block(*(add(completion(each), messages=ASKED, model=each, provider=each) for each in HOSTILE))
    index_made(made)
    text = page(key_of("What wades in the river?"))
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert len(text) < 120_000


def test_pages_of_the_list_follow_each_other_over_chains() -> None:
    for number in (1, 2):
        made = MadeChain(more={"number": number})
        for many in range(7):
            asked = f'["{many % 4}"]'
            made.block(*(add(completion(str(each)), messages=asked) for each in range(many)))
        index_made(made)
    for order in ORDERS_OF_PROMPTS:
        sort = "" if order == "newest" else f"order={order}&"
        whole = re.findall(r'class="line" href="([^"]+)"', page(f"/prompts?{sort}limit=100"))
        path, seen, back = f"/prompts?{sort}limit=3", [], []
        while path:
            text = page(path)
            seen += re.findall(r'class="line" href="([^"]+)"', text)
            last, path = path, link(text, "next")
        assert seen == whole
        while path := link(page(last), "prev"):
            back += re.findall(r'class="line" href="([^"]+)"', page(path))[::-1]
            last = path
        assert back[::-1] == whole[: len(back)]
        assert len(back) >= len(whole) - 3


def link(text: str, rel: str) -> str:
    head, found, _ = text.partition(f'" rel="{rel}"')
    return head.rpartition('href="')[2].replace("&amp;", "&") if found else ""


def test_a_site_without_chains_has_no_prompt() -> None:
    assert "No prompt so far" in page("/prompts")


def withhold(subject: Suppression.Subject, key: bytes, mode: Suppression.Mode) -> None:
    suppress(subject, key, mode=mode, reason="a wish", by="a test")


def answer_key(text: str) -> bytes:
    return sha256(f'"{text}"'.encode()).digest()


def transaction_of(chain: ChainView, prompt_id: int) -> bytes:
    return record(chain, prompt_id).revisions[0].transaction_rid
