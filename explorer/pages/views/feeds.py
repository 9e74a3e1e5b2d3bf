"""Feeds: what is new on pages, for programs that people read news with. Each is at its page's address below
``/feeds``, and takes that page's filters.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import include, path, reverse
from django.utils import timezone

from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of, feeding, led_to_feed, page_of
from explorer.pages.frame.routes import of_chain
from explorer.pages.rendering import entries, sanitize
from explorer.pages.rendering.atom import MOST, Entry
from explorer.pages.rendering.atom import feed as atom
from explorer.pages.rendering.tags import LONGEST_CHAIN
from explorer.queries.chain import blocks as chain_blocks
from explorer.queries.chain.block_filter import BlockFilter, BlockKind
from explorer.queries.chain.chains import ChainView, told_apart
from explorer.queries.db.errors import NotHere
from explorer.queries.db.kinds import exactly
from explorer.queries.db.pagination import PageRequest
from explorer.queries.groups import presence
from explorer.queries.groups.presence_order import Kind
from explorer.queries.groups.present import Present
from explorer.queries.ledger import ledger
from explorer.queries.ledger.ledger_filter import CONFIGURING, TAKING, Change, LedgerFilter
from explorer.queries.lists import listing
from explorer.queries.lists.filter import OF_CHAIN, RecordFilter
from explorer.queries.lists.search.walking import check_searched
from explorer.queries.prompts import asked as asked_prompts
from explorer.queries.prompts.asked import PromptFilter
from explorer.queries.records.row import RecordRow
from explorer.queries.site import blocks as blocks_of_all
from explorer.queries.site import challenges
from explorer.queries.site.challenge_filter import ChallengeFilter
from explorer.query_parameters import QueryParameters
from explorer.search.writing import canonical

_ORDERS = ("newest", "changed")
_NEWEST = PageRequest(limit=MOST, both_ways=False)


@feeding("order", *RecordFilter.declarations())
def records(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """The newest records of a chain that are asked for, or those that changed last."""
    return _records(request, asked, [chain_of(request, brid)])


@feeding("chain", "order", *RecordFilter.declarations())
def all_records(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same of all chains, or of the one that is chosen."""
    return _records(request, asked, chains_of(request), elsewhere=_at("records", asked))


@feeding()
def record(request: HttpRequest, asked: QueryParameters, brid: bytes, prompt_id: int) -> HttpResponse:
    """What became of a record: that it was written, each edit, its deletion. None of its words."""
    asked.check()
    chain = chain_of(request, brid)
    found = listing.named([(chain, prompt_id)]).get((brid, prompt_id))
    if found is None:
        raise NotHere(f"No record {prompt_id} is on this chain up to height {chain.freshness.height}.")
    changes = ledger.page([chain], LedgerFilter(record=prompt_id), _NEWEST, only=chain.rid).rows
    told = [*map(entries.of_change, changes), entries.of_adding(found)]
    return _feed(request, told, f"Record #{prompt_id}")


@feeding(*LedgerFilter.declarations())
def changes(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """What changed on a chain."""
    return _changes(request, asked, [chain_of(request, brid)])


@feeding("chain", *LedgerFilter.declarations())
def all_changes(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same of all chains, or of the one that is chosen."""
    return _changes(request, asked, chains_of(request), elsewhere=_at("ledger", asked))


@feeding()
def missing(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """What was taken out of a chain's table last: each deletion, for it makes a hole in the ids."""
    return _of_kinds(request, asked, [chain_of(request, brid)], TAKING, "Missing ids")


@feeding()
def configurations(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """What the newest configurations of a chain changed."""
    return _of_kinds(request, asked, [chain_of(request, brid)], CONFIGURING, "Configurations")


@feeding()
def all_configurations(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The same of all chains."""
    return _of_kinds(request, asked, chains_of(request), CONFIGURING, "Configurations of all chains")


@feeding(*PromptFilter.declarations())
def prompts(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The prompts that were answered last."""
    wanted = asked.filter(PromptFilter())
    asked.check()
    of = chains_of(request) if wanted.chain is None else [chain_of(request, wanted.chain)]
    found = asked_prompts.page(of, wanted, _NEWEST).rows
    return _feed(request, [entries.of_prompt(each, _on(of, each.chain.brid)) for each in found], "Prompts")


@feeding()
def prompt(request: HttpRequest, asked: QueryParameters, key: bytes) -> HttpResponse:
    """The newest records that answer a prompt."""
    asked.check()
    of = chains_of(request)
    found = _newest(of, RecordFilter(prompt_key=key))
    if not found:
        raise NotHere(f"No record that is here answers prompt {key.hex().upper()}.")
    return _feed(request, _entries(found, of), f"Prompt {key.hex().upper()[:8]}\N{HORIZONTAL ELLIPSIS}")


@feeding()
def models(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The models that were named last for the first time."""
    return _names(request, asked, Kind.MODEL)


@feeding()
def providers(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The providers, in the same way."""
    return _names(request, asked, Kind.PROVIDER)


@feeding()
def all_scouts(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The scouts of all chains, in the same way."""
    return _names(request, asked, Kind.SCOUT)


@feeding()
def scouts(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """The scouts of one chain."""
    return _names(request, asked, Kind.SCOUT, chain=chain_of(request, brid))


@feeding()
def model(request: HttpRequest, asked: QueryParameters, name: str) -> HttpResponse:
    """The newest records that name a model."""
    return _named(request, asked, Kind.MODEL, name)


@feeding()
def provider(request: HttpRequest, asked: QueryParameters, name: str) -> HttpResponse:
    """The newest records that name a provider."""
    return _named(request, asked, Kind.PROVIDER, name)


@feeding()
def scout(request: HttpRequest, asked: QueryParameters, brid: bytes, uid: int) -> HttpResponse:
    """The newest records of a scout."""
    asked.check()
    of = [chain_of(request, brid)]
    presence.scout(of[0], uid)
    return _feed(request, _entries(_newest(of, RecordFilter(scout=uid)), of), f"Scout {uid}")


@feeding(*BlockFilter.declarations())
def blocks(request: HttpRequest, asked: QueryParameters, brid: bytes) -> HttpResponse:
    """The newest blocks of a chain, and what they did."""
    wanted = asked.filter(BlockFilter(BlockKind.WITH_TRANSACTIONS))
    asked.check()
    chain = chain_of(request, brid)
    found = chain_blocks.page(chain, wanted, _NEWEST).rows
    return _feed(request, [entries.of_block(each, chain) for each in found], "Blocks")


@feeding(*BlockFilter.declarations())
def all_blocks(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The newest blocks of all chains, and what they did."""
    wanted = asked.filter(BlockFilter(BlockKind.WITH_TRANSACTIONS))
    asked.check()
    of = chains_of(request)
    by_rid = {each.brid: each for each in of}
    found = blocks_of_all.page(of, wanted, _NEWEST).rows
    told = [entries.of_block(each, by_rid[each.chain], _on(of, each.chain)) for each in found]
    return _feed(request, told, "Blocks of all chains")


def _records(
    request: HttpRequest, asked: QueryParameters, of: Sequence[ChainView], *, elsewhere: str = ""
) -> HttpResponse:
    wanted = asked.filter(RecordFilter())
    part = asked.page(orders=_ORDERS, of=wanted, usual=wanted.usual_order())
    if elsewhere:
        return led_to_feed(elsewhere, wanted, part)
    title = "Changed records" if part.changed_first else "Records"
    sought = "" if wanted.q is None else f": {canonical(wanted.q)}"
    found = _newest(of, wanted, is_by_change=part.changed_first)
    return _feed(request, _entries(found, of), f"{title}{sought}")


def _newest(
    of: Sequence[ChainView], wanted: RecordFilter, *, is_by_change: bool = False
) -> Sequence[RecordRow]:
    found = listing.page_of_all(of, wanted, replace(_NEWEST, changed_first=is_by_change))
    check_searched(found.rows, found.searched_to)
    return found.rows


def _entries(found: Sequence[RecordRow], of: Sequence[ChainView]) -> Sequence[Entry]:
    return [entries.of_record(each, _on(of, each.chain)) for each in found]


def _changes(
    request: HttpRequest, asked: QueryParameters, of: Sequence[ChainView], *, elsewhere: str = ""
) -> HttpResponse:
    wanted = asked.filter(LedgerFilter())
    asked.check()
    if elsewhere:
        return led_to_feed(elsewhere, wanted)
    found = ledger.page(of, wanted, _NEWEST)
    check_searched(found.rows, found.searched_to)
    return _feed(request, [entries.of_change(each, _on(of, each.chain)) for each in found.rows], "Ledger")


def _of_kinds(
    request: HttpRequest, asked: QueryParameters, of: Sequence[ChainView], kinds: Sequence[Change], title: str
) -> HttpResponse:
    """The newest changes of these kinds."""
    asked.check()
    pages = [ledger.page(of, LedgerFilter(kind=each), _NEWEST) for each in kinds]
    for each in pages:
        check_searched(each.rows, each.searched_to)
    rows = sorted((row for each in pages for row in each.rows), key=lambda row: row.at, reverse=True)
    return _feed(request, [entries.of_change(each, _on(of, each.chain)) for each in rows[:MOST]], title)


def _names(
    request: HttpRequest, asked: QueryParameters, kind: Kind, *, chain: ChainView | None = None
) -> HttpResponse:
    asked.check()
    of = chains_of(request) if chain is None else [chain]
    # Scouts are listed chain by chain.
    parts = [[each] for each in of] if kind is Kind.SCOUT else [of]
    found: list[Present] = [row for part in parts for row in presence.page(part, kind, _NEWEST).rows]
    told = [entries.of_presence(each, _on(of, each.chain.brid) if each.chain else "") for each in found]
    return _feed(request, told, f"{kind.value.capitalize()}s")


def _named(request: HttpRequest, asked: QueryParameters, kind: Kind, part: str) -> HttpResponse:
    asked.check()
    of = chains_of(request)
    found = presence.named(of, kind, part)
    if part != found.part:
        return HttpResponsePermanentRedirect(feed_of(reverse(kind.value, args=[found.part])))
    name = exactly(str(found.name))
    wanted = RecordFilter(model=name) if kind is Kind.MODEL else RecordFilter(provider=name)
    return _feed(request, _entries(_newest(of, wanted), of), entries.named(found))


def _feed(request: HttpRequest, told: Sequence[Entry], title: str) -> HttpResponse:
    return atom(request, told, title=title, page=page_of(request), site=settings.SITE_NAME)


def _on(of: Sequence[ChainView], brid: bytes) -> str:
    """What a chain is called, where it is one of several."""
    chain = next(each for each in of if each.brid == brid)
    if len(of) == 1:
        return ""
    return f"{sanitize.line(chain.name, limit=LONGEST_CHAIN) or 'chain'} {told_apart(chain, of)}".strip()


def _at(name: str, asked: QueryParameters) -> str:
    """The list of the chain that is chosen; empty where none is."""
    brid = asked.value("chain", OF_CHAIN.read)
    return "" if brid is None else reverse(name, args=[OF_CHAIN.write(brid)])


@feeding(*ChallengeFilter.declarations())
def all_challenges(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """The challenges that were filed last, as they stand."""
    wanted = asked.filter(ChallengeFilter())
    asked.check()
    found = challenges.page(wanted, _NEWEST, now=timezone.now()).rows
    return _feed(request, [entries.of_challenge(each) for each in found], "Challenges")


@feeding()
def challenge(request: HttpRequest, asked: QueryParameters, number: int) -> HttpResponse:
    """What happened to a challenge, each step with its date. None of the words that somebody wrote."""
    asked.check()
    found = challenges.challenge(number, now=timezone.now())
    told = [entries.of_challenge_event(found.row, each) for each in found.events]
    return _feed(request, told, f"Challenge {found.row.name}")


_ROUTES = [
    path("challenges", all_challenges),
    path("challenges/<challenge:number>", challenge),
    path("records", all_records),
    path("ledger", all_changes),
    path("blocks", all_blocks),
    path("configurations", all_configurations),
    path("prompts", prompts),
    path("prompts/<rid:key>", prompt),
    path("models", models),
    path("models/<path:name>", model),
    path("providers", providers),
    path("providers/<path:name>", provider),
    path("scouts", all_scouts),
    of_chain("/records", records, name="records-feed"),
    of_chain("/records/<number:prompt_id>", record, name="record-feed"),
    of_chain("/ledger", changes, name="ledger-feed"),
    of_chain("/missing", missing, name="missing-feed"),
    of_chain("/configurations", configurations, name="configurations-feed"),
    of_chain("/scouts", scouts, name="scouts-feed"),
    of_chain("/scouts/<uid:uid>", scout, name="scout-feed"),
    of_chain("/blocks", blocks, name="blocks-feed"),
]

urlpatterns = [path("feeds/", include(_ROUTES))]
