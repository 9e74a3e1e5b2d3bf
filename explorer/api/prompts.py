"""The API's prompts: the list of them, and one with every different answer to it."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses, pagination
from explorer.api.describing import (
    CHAIN,
    CURSOR,
    CURSOR_OF_ANSWERS,
    KEY,
    LIMIT,
    ORDER_OF_PROMPTS,
    described,
    filters_of,
    problem_with,
)
from explorer.api.endpoint import Endpoint
from explorer.api.exception_handler import problem
from explorer.api.serializers.facets import UpTo
from explorer.api.serializers.prompts import Prompt, PromptList, PromptRow
from explorer.queries.chain import chains
from explorer.queries.lists.filter import OF_CHAIN
from explorer.queries.prompts import asked as prompts
from explorer.queries.prompts.asked import ORDERS_OF_PROMPTS, PromptFilter
from explorer.queries.prompts.prompt import prompt

_BLOCKED_BY = {"Link": '</contact>; rel="blocked-by"'}


@described(
    "list_prompts",
    tag="prompts",
    summary="Prompts of all chains",
    about="What was asked: each prompt of each chain once, with how many records answer it and how far they "
    "agree. Newest first unless `order` says otherwise. Follow `next` until it is null: its `cursor` holds a "
    "place for each chain.",
    answer=PromptList,
    query=[CURSOR, LIMIT, ORDER_OF_PROMPTS, *filters_of(PromptFilter)],
    may_be={"not-here": None},
    is_list=True,
)
class PromptsEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        wanted = self.asked.filter(PromptFilter())
        part = self.asked.page(both_ways=False, orders=ORDERS_OF_PROMPTS)
        every = chains.chains() if wanted.chain is None else [chains.chain_with(wanted.chain)]
        found = prompts.page(every, wanted, part)
        more = {"counted_to": UpTo(found.counted_to, many=True).data}
        return pagination.page(request, PromptRow, found, of=found.of, part=part, more=more)


@described(
    "get_prompt",
    tag="prompts",
    summary="One prompt with every different answer",
    about="Its messages, and each different answer once: how often it was given, by whom, with what, and "
    "what became of it; over all chains that have it. One of which the operator withholds the messages "
    "answers 451: a problem whose member `prompt` holds what may be shown.",
    answer=Prompt,
    path=[KEY],
    query=[CHAIN, CURSOR_OF_ANSWERS],
    may_be={"not-here": None, "withheld": problem_with("WithheldPrompt", prompt=Prompt())},
)
class PromptEndpoint(Endpoint):
    def get(self, request: Request, key: str) -> Response:
        brid = self.asked.value("chain", OF_CHAIN.read)
        part = self.asked.page(both_ways=False)
        every = chains.chains() if brid is None else [chains.chain_with(brid)]
        found = prompt(every, addresses.rid(key, of="prompt"), part)
        following = found.answers.next
        further = None if following is None else pagination.address(request, following)
        told = {**Prompt(found).data, "answers_next": further}
        if not found.is_withheld:
            return Response(told)
        detail = f"The operator of this site withholds its messages: {found.messages.reason}"
        return problem("withheld", request, detail=detail, members={"prompt": told}, headers=_BLOCKED_BY)


urlpatterns = [
    path("prompts", PromptsEndpoint.as_view(), name="prompts"),
    path("prompts/<str:key>", PromptEndpoint.as_view(), name="prompt"),
]
