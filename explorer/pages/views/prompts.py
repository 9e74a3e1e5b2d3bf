"""The list of prompts, and the page of one with all its answers, over all chains."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from explorer.pages.frame.context import chain_of, chains_of
from explorer.pages.frame.feeding import feed_of
from explorer.pages.frame.page import asking, led, show
from explorer.pages.frame.pagination import Pager
from explorer.pages.frame.watching import AGAIN, NEWEST, watch_of
from explorer.pages.rendering.check_counts import lines_of
from explorer.pages.rendering.disagreement import disagreement_of
from explorer.pages.rendering.matrix import matrix_of
from explorer.pages.rendering.messages import messages_of
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists.filter import OF_CHAIN, RecordFilter
from explorer.queries.prompts import asked as prompts
from explorer.queries.prompts.asked import ORDERS_OF_PROMPTS, PromptFilter
from explorer.queries.prompts.prompt import Prompt
from explorer.queries.prompts.prompt import prompt as read_prompt
from explorer.query_parameters import QueryParameters, address, query_of


@asking("cursor", "limit", "order", *PromptFilter.declarations(), form=PromptFilter)
def listed(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """A page of prompts: the newest, those with most answers or those with most disagreement first."""
    wanted = asked.filter(PromptFilter())
    part = asked.page(orders=ORDERS_OF_PROMPTS)
    if elsewhere := led(request, address(request.path, wanted, part)):
        return elsewhere
    chain = None if wanted.chain is None else chain_of(request, wanted.chain)
    found = prompts.page(chains_of(request), wanted, part)
    begin = address(request.path, wanted, part.from_the_start())
    return show(
        request, "pages/prompts.html", section="prompts", chain=chain, of=found.of, only=chain,
        is_one=len(found.of) == 1,
        pager=Pager(request, part, found), counted_to=found.counted_to, later=found.later,
        begin=begin, feed_path=feed_of(request.path, wanted),
        watch=None if part.words else watch_of(begin, begin, found.of, words=_words(part)),
        orders=[(each, _sorted(request.path, wanted, each)) for each in ORDERS_OF_PROMPTS],
    )  # fmt: skip


def _words(part: PageRequest) -> str:
    return NEWEST if part.order == ORDERS_OF_PROMPTS[0] else AGAIN


def _sorted(path: str, wanted: PromptFilter, order: str) -> str:
    """The list from its beginning in this order."""
    query = address(path, wanted)
    if order == ORDERS_OF_PROMPTS[0]:
        return query
    return f"{query}{'&' if '?' in query else '?'}order={order}"


@asking("chain", "cursor")
def prompt(request: HttpRequest, asked: QueryParameters, key: bytes) -> HttpResponse:
    """One prompt: what was asked, and every different answer to it; on all chains, or on the one that is
    chosen.
    """
    brid, part = asked.value("chain", OF_CHAIN.read), asked.page()
    every = chains_of(request)
    chains = every if brid is None else [chain_of(request, brid)]
    found = read_prompt(chains, key, part)
    at = _list_of(found, is_one=len(chains) == 1)
    begin = f"{request.path}?chain={chains[0].rid}" if brid is not None else request.path
    records = address(at, RecordFilter(prompt_key=key))
    status = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS if found.is_withheld else HTTPStatus.OK
    following = found.answers.next
    return show(
        request, "pages/prompt.html", section="prompts", chain=chains[0] if len(chains) == 1 else None,
        found=found, of=[each.chain for each in found.on_chains],
        only=None if brid is None else chains[0], is_one=len(chains) == 1,
        at=at, feed_path=feed_of(request.path),
        watch=None if part.words else watch_of(records, begin, chains, words=AGAIN),
        following="" if following is None else f"{request.path}?{query_of(request.GET, following)}",
        begin=begin, counted_url=address(f"{at}/facets", RecordFilter(prompt_key=key)),
        reading=messages_of(found),
        check_lines=lines_of(found.checks, at, prompt_key=key),
        disagreement=disagreement_of(found.differing),
        matrix=matrix_of(found.cohorts, total=found.total.cohorts),
        status=status,
    )  # fmt: skip


def _list_of(found: Prompt, *, is_one: bool) -> str:
    """The list that has all its records."""
    return reverse("records", args=[found.chain.rid]) if is_one else reverse("all-records")


urlpatterns = [
    path("prompts", listed, name="prompts"),
    path("prompts/<rid:key>", prompt, name="prompt"),
]
