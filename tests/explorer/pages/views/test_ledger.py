"""The pages of the ledger and of missing ids."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.ledger import ledger, missing
from explorer.queries.ledger.ledger_filter import Change, LedgerFilter
from explorer.queries.records.record import record
from indexer.models import Suppression
from indexer.records.erase import suppress
from tests.explorer import shown
from tests.explorer.pages.asking import get, of, page
from tests.explorer.pages.markup import read
from tests.indexer.made import (
    OWNER,
    SECOND_OWNER,
    STRANGER,
    VALIDATORS,
    MadeChain,
    add,
    batch_delete,
    call,
    change_owner,
    completion,
    delete,
    update,
)

pytestmark = pytest.mark.django_db
NAMES = ["", "  ", "a/b:c", "模" * 200, "\u202eevil", "<b>", "👍", "x" * 12_000]


def made() -> MadeChain:
    """One of each kind of change, and records of names that are awkward."""
    found = MadeChain()
    found.block(
        call(*(add(completion(f"secret {at}"), model=each, provider=each) for at, each in enumerate(NAMES)))
    )
    found.block(call(update(1, completion("secret 0", id="x"))), call(update(2, completion("words anew"))))
    found.configure(VALIDATORS[:2])
    both = (OWNER, SECOND_OWNER)
    found.block(call(delete(3), keys=both), call(change_owner(SECOND_OWNER), keys=both))
    found.block(call(update(4, completion("not by the owner")), keys=(STRANGER,)))
    found.block(call(batch_delete(-1, 1), keys=(SECOND_OWNER,)))
    return found


@pytest.fixture
def chain(db: None) -> ChainView:
    found = shown.index_again(made())
    shown.forget()
    return found


def test_it_says_what_each_change_was_and_who_signed(chain: ChainView) -> None:
    text = page(of(chain, "/ledger"))
    for words in (
        "edited, same words", "edited, other words", ">deleted<", "deleted in a batch",
        "another key may write",
        "other keys sign blocks", "set by the network", "signed by the key allowed to write at that time",
        "not signed by the key allowed to write at that time",
    ):  # fmt: skip
        assert words in text, words
    assert "“<bdi>secret 1</bdi>” became “<bdi>words anew</bdi>”; 2 of 2 words" in text
    assert "the words stayed the same; only <bdi>id</bdi> changed" in text
    assert re.search(r'aria-current="page">Ledger<', text)


def test_who_signed_beside_the_key_allowed_to_write_is_not_left_out(chain: ChainView) -> None:
    (changed,) = ledger.page([chain], LedgerFilter(kind=Change.OWNER)).rows
    keys = {f'data-full="{each.hex().upper()}"' for each in changed.signers}
    assert len(keys) == 2
    (listed,) = LexborHTMLParser(page(of(chain, "/ledger?kind=owner"))).css("small.signed")
    assert "signed by the key allowed to write at that time" in listed.text()
    assert [" ".join(each.text().split())[:7] for each in listed.css(".run")] == [
        "and by "
    ]  # a line of its own
    deleted, block = page(of(chain, "/records/3"), status=410), page(of(chain, f"/blocks/{changed.height}"))
    for text in (listed.html or "", deleted, block):
        assert all(each in text for each in keys)


def test_blocks_say_that_they_changed_who_may_write(chain: ChainView) -> None:
    (changed,) = ledger.page([chain], LedgerFilter(kind=Change.OWNER)).rows
    link = f'<a href="{of(chain)}/ledger?block={changed.height}">changed who may write</a>'
    for path in (of(chain, "/blocks"), "/blocks", of(chain, f"/blocks/{changed.height}")):
        assert link in page(path)
    (lede,) = LexborHTMLParser(page(of(chain, f"/blocks/{changed.height}"))).css(".lede")
    assert re.search(r"It \S.*\S\.$", lede.text().strip())  # no blank before the full stop
    assert "changed who may write" in get(f"/feeds{of(chain)}/blocks").content.decode()


def test_a_batch_is_gathered_under_its_transaction(chain: ChainView) -> None:
    text = page(of(chain, "/ledger"))
    (gathered,) = re.findall(r'class="asked"><td[^>]*>(\d+) changes on this page, of', text)
    batch = [row for row in ledger.page([chain]).rows if row.kind is Change.BATCH_DELETE]
    assert int(gathered) == len(batch) > 1
    for row in batch:
        assert f'href="{of(chain, f"/records/{row.prompt_id}")}"' in text


def test_links_and_chips_narrow_it_and_the_form_keeps_what_is_set(chain: ChainView) -> None:
    key = record(chain, 2).revisions[1].signers[0].hex().upper()
    text = page(of(chain, "/ledger"))
    assert f'href="{of(chain, "/ledger")}?signer={key}"' in text
    text = page(of(chain, f"/ledger?kind=edit&signer={key}"))
    assert 'kind edit</bdi><span class="hidden">, remove' in text
    assert '<option value="edit" selected>' in text
    assert f'value="{key}"' in text
    assert f'class="hash full" data-full="{key}"' in text
    assert "Exactly 2 changes" in text
    assert get(of(chain, "/ledger?kind=edit&limit=&scout=")).headers["Location"] == of(
        chain, "/ledger?kind=edit"
    )


def test_what_fits_nothing_says_what_leaves_them_out(chain: ChainView) -> None:
    text = page(of(chain, "/ledger?kind=code"))
    assert "No change fits" in text
    assert "Without <bdi>kind code" in text
    assert "<em><bdi>kind code</bdi></em> leaves all of them out." in text
    assert "Exactly" not in text
    page(of(chain, "/ledger?kind=none"), status=400)


def test_names_of_any_kind_lead_to_their_page_and_from_there_to_their_changes(chain: ChainView) -> None:
    given = {each["href"] or "" for each in read(page(of(chain, "/ledger"))).named("a")}
    names = [each for each in given if each.startswith(("/models/", "/providers/"))]
    assert names
    for each in names:
        for link in read(page(each)).named("a"):
            if "/ledger?" in (link["href"] or ""):
                page(link["href"] or "")
    assert any(f"{of(chain)}/scouts/" in each for each in given)


@pytest.mark.parametrize("mode", Suppression.Mode)
def test_what_is_withheld_is_in_it_without_a_word(chain: ChainView, mode: Suppression.Mode) -> None:
    found = record(chain, 2).revisions[1]
    suppress(Suppression.Subject.TRANSACTION, found.transaction_rid, mode=mode, reason="because", by="me")
    text = page(of(chain, "/ledger"))
    assert found.transaction_rid.hex().upper() in text
    assert "words anew" not in text


def test_the_ledger_of_all_chains_leads_to_that_of_each(chain: ChainView) -> None:
    other = MadeChain(owner=SECOND_OWNER)
    other.block(call(add(), keys=(SECOND_OWNER,)), call(update(1, completion("x")), keys=(SECOND_OWNER,)))
    second = shown.index_made(other)
    shown.forget()
    text = page("/ledger")
    for each in (chain, second):
        assert f'href="{of(each, "/ledger")}"' in text
    assert f'<option value="{second.rid}"' in text
    led = get(f"/ledger?chain={second.rid}&kind=edit")
    assert led.headers["Location"] == of(second, "/ledger?kind=edit")
    assert "Exactly 1 change<" in page(of(second, "/ledger?kind=edit"))


def test_missing_ids_are_shown_with_what_took_them(chain: ChainView) -> None:
    text = page(of(chain, "/missing"))
    found = missing.page(chain)
    assert f"{found.total} are not in the chain" in text
    for row in found.rows:
        assert row.transaction is not None
        assert row.transaction.hex().upper() in text
        assert f'href="{of(chain, f"/records/{row.first}")}"' in text
    text = page(of(chain, "/missing?limit=1"))
    (onwards,) = re.findall(r'href="([^"]*)" rel="next"', text)
    page(onwards.replace("&amp;", "&"))


def test_a_chain_on_which_nothing_changed_says_so() -> None:
    quiet = MadeChain()
    quiet.block(call(add()))
    chain = shown.index_made(quiet)
    assert "No change so far" in page(of(chain, "/ledger"))
    assert "No id is missing" in page(of(chain, "/missing"))
    assert ledger.page([chain], LedgerFilter(), PageRequest()).rows == []
