"""The API's addresses: parse, ask ``explorer.queries``, serialise."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from explorer.api import addresses, bounds, pagination, problems
from explorer.api.describing import (
    BLOCK,
    BRID,
    CHAIN,
    CURSOR,
    HEIGHT,
    INCLUDE,
    LIMIT,
    NAME,
    ORDER_OF_CHANGES,
    PROMPT_ID,
    REVISION,
    RID,
    TRANSACTIONS_AFTER,
    described,
    filters_of,
    list_of,
    problem_with,
)
from explorer.api.endpoint import Endpoint
from explorer.api.exception_handler import problem
from explorer.api.serializers.blocks import Block, BlockList, BlockRow, BlocksOfChains
from explorer.api.serializers.chains import ChainDetail, ChainList, Numbers, OfDay, Told
from explorer.api.serializers.configurations import (
    Configuration,
    ConfigurationList,
    ConfigurationRow,
    ConfigurationsOfChains,
)
from explorer.api.serializers.problems import Kind, KindList
from explorer.api.serializers.records import Record
from explorer.api.serializers.status import Status, StatusList
from explorer.api.serializers.transactions import Transaction
from explorer.queries.chain import blocks, chains, configurations, transactions
from explorer.queries.chain.block_filter import BlockFilter
from explorer.queries.compare import edits
from explorer.queries.db.errors import NotHere
from explorer.queries.db.texts import Text
from explorer.queries.lists.filter import OF_CHAIN
from explorer.queries.records.record import record
from explorer.queries.records.revisions import Revision
from explorer.queries.records.states import Status as RecordStatus
from explorer.queries.site import blocks as blocks_of_all
from explorer.queries.site import figures
from explorer.queries.site import status as statuses

SOON, LATER = 30, 300  # seconds that an answer may be kept: nothing with texts in it for longer
_INCLUDED = {"texts": bounds.MOST_INCLUDED}


@described(
    "list_status",
    tag="status",
    summary="How the index stands",
    about="Of every chain: coverage and gaps, what is not proved or not understood, incidents, nodes, and "
    "how far everything is that is made after the records.",
    answer=StatusList,
)
class StatusEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        found = [statuses.status(each) for each in chains.chains()]
        return pagination.whole(Status, found)


@described(
    "list_chains",
    tag="chains",
    summary="The chains that are indexed",
    about="In the order in which they were first followed, each with how far it is indexed, the numbers of "
    "its records and what was written on each of the last thirty days; and the same of all of them together.",
    answer=ChainList,
)
class ChainsEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        found = chains.chains()
        each = figures.of_each(found)
        rows = [Told(*one) for one in zip(found, each, strict=True)]
        together = figures.together(each)
        days = [OfDay(each).data for each in together.days]
        more = {"figures": Numbers(together).data, "days": days}
        return pagination.whole(ChainDetail, rows, more=more)


@described(
    "get_chain",
    tag="chains",
    summary="One chain, with its figures",
    about="How far the chain is indexed, the numbers of its records with their denominators, and what was "
    "written on each of its last thirty days.",
    answer=ChainDetail,
    path=[BRID],
    may_be={"not-here": None},
)
class ChainEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        chain = addresses.chain(brid)
        told = Told(chain, figures.figures(chain))
        return Response(ChainDetail(told).data)


@described(
    "get_record",
    tag="records",
    summary="One record with all that was said",
    about="The inference as it was signed, every edit and deletion, and how far each is proved. A record "
    "that was deleted answers 410, one of which the operator withholds a text 451; both are problems whose "
    "member `record` holds what this answer would, as far as it may be shown.",
    answer=Record,
    path=[BRID, PROMPT_ID],
    query=[REVISION, INCLUDE],
    may_be={
        "not-here": None,
        "deleted": problem_with("DeletedRecord", record=Record()),
        "withheld": problem_with("WithheldRecord", record=Record()),
        "damaged": problem_with("ProblemOfDamagedRecord", record=Record(required=False)),
    },
)
class RecordEndpoint(Endpoint):
    seconds = SOON

    def get(self, request: Request, brid: str, prompt_id: str) -> Response:
        last = self.asked.number("revision", least=1)
        most = self.asked.choice("include", _INCLUDED) or bounds.MOST
        self.asked.check()
        chain = addresses.chain(brid)
        found = record(chain, addresses.number(prompt_id, of="prompt id"), revision=last)
        found = replace(found, revisions=edits.changes(found.revisions))
        told = Record(bounds.of_record(found, most=most)).data
        if found.withheld:
            return _withheld(request, found.withheld, record=told)
        if found.damage:
            return problem("damaged", request, detail=found.damage, members={"record": told})
        if found.row.status is RecordStatus.DELETED:
            return _deleted(request, found.revisions[-1], record=told)
        return Response(told)


@described(
    "list_blocks",
    tag="blocks",
    summary="Blocks of a chain",
    about="Newest first, a page at a time, unless `order` says otherwise. Follow `next` until it is null.",
    answer=BlockList,
    path=[BRID],
    query=list_of(BlockFilter),
    may_be={"not-here": None},
    is_list=True,
)
class BlocksEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        wanted, part = self.asked.filter(BlockFilter()), self.asked.page(both_ways=False)
        chain = addresses.chain(brid)
        found = blocks.page(chain, wanted, part)
        return pagination.page(request, BlockRow, found, of=chain, part=part)


@described(
    "list_all_blocks",
    tag="blocks",
    summary="Blocks of all chains",
    about="The same over every chain that is indexed, merged by the times that their builders state. Follow "
    "`next` until it is null: its `cursor` holds a place for each chain.",
    answer=BlocksOfChains,
    query=[CURSOR, LIMIT, ORDER_OF_CHANGES, CHAIN, *filters_of(BlockFilter)],
    may_be={"not-here": None},
    is_list=True,
)
class AllBlocksEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        wanted = self.asked.filter(BlockFilter())
        brid = self.asked.value("chain", OF_CHAIN.read)
        part = self.asked.page(both_ways=False)
        every = chains.chains() if brid is None else [chains.chain_with(brid)]
        only = "" if brid is None else OF_CHAIN.write(brid)
        found = blocks_of_all.page(every, wanted, part, only=only)
        return pagination.page(request, BlockRow, found, of=found.of, part=part)


@described(
    "get_block",
    tag="blocks",
    summary="One block, by height or RID",
    about="Its header as the chain signed it, its witness, its transactions, and how far it is proved.",
    answer=Block,
    path=[BRID, BLOCK],
    query=[TRANSACTIONS_AFTER],
    may_be={"not-here": None, "damaged": None},
)
class BlockEndpoint(Endpoint):
    seconds = SOON

    def get(self, request: Request, brid: str, block: str) -> Response:
        after = self.asked.number("transactions_after")
        self.asked.check()
        chain = addresses.chain(brid)
        name = addresses.height_or_rid(block)
        if isinstance(name, bytes):
            return Response(Block(blocks.with_rid(chain, name, after=after)).data)
        return Response(Block(blocks.at_height(chain, name, after=after)).data)


@described(
    "get_transaction",
    tag="transactions",
    summary="One transaction, argument by argument",
    about="Its operations with the names and types of their arguments. One of which the operator withholds "
    "a text answers 451: a problem whose member `transaction` holds what may be shown.",
    answer=Transaction,
    path=[BRID, RID],
    query=[INCLUDE],
    may_be={
        "not-here": None,
        "withheld": problem_with("WithheldTransaction", transaction=Transaction()),
        "damaged": problem_with("ProblemOfDamagedTransaction", transaction=Transaction(required=False)),
    },
)
class TransactionEndpoint(Endpoint):
    seconds = LATER

    def get(self, request: Request, brid: str, rid: str) -> Response:
        most = self.asked.choice("include", _INCLUDED) or bounds.MOST
        self.asked.check()
        chain = addresses.chain(brid)
        found = transactions.with_rid(chain, addresses.rid(rid, of="transaction"))
        told = Transaction(bounds.of_transaction(found, most=most)).data
        if found.damage:
            return problem("damaged", request, detail=found.damage, members={"transaction": told})
        if found.withheld is not None:
            return _withheld(request, [found.withheld], transaction=told)
        return Response(told)


@described(
    "list_configurations",
    tag="configurations",
    summary="Configurations of a chain",
    about="All of them, lowest height first: when signers and code changed, and how far that is proved.",
    answer=ConfigurationList,
    path=[BRID],
    may_be={"not-here": None},
)
class ConfigurationsEndpoint(Endpoint):
    def get(self, request: Request, brid: str) -> Response:
        chain = addresses.chain(brid)
        return pagination.whole(ConfigurationRow, configurations.all_of(chain), of=chain)


@described(
    "list_all_configurations",
    tag="configurations",
    summary="Configurations of all chains",
    about="All of every chain that is indexed, chain by chain, lowest height first.",
    answer=ConfigurationsOfChains,
)
class AllConfigurationsEndpoint(Endpoint):
    def get(self, request: Request) -> Response:
        every = chains.chains()
        rows = [row for each in every for row in configurations.all_of(each)]
        return pagination.whole(ConfigurationRow, rows, of=every)


@described(
    "get_configuration",
    tag="configurations",
    summary="The configuration in force at a height",
    about="Its signers, its features and the code that ran. It was itself set at `height`, which may be "
    "lower.",
    answer=Configuration,
    path=[BRID, HEIGHT],
    may_be={"not-here": None},
)
class ConfigurationEndpoint(Endpoint):
    seconds = LATER

    def get(self, request: Request, brid: str, height: str) -> Response:
        chain = addresses.chain(brid)
        found = configurations.in_force(chain, addresses.number(height, of="height"))
        return Response(Configuration(found).data)


@described(
    "list_problems",
    tag="problems",
    summary="What may go wrong",
    about="The catalogue of errors. The `type` of a problem is the address of its entry.",
    answer=KindList,
)
class ProblemsEndpoint(Endpoint):
    seconds = LATER

    def get(self, request: Request) -> Response:
        return pagination.whole(Kind, problems.KINDS)


@described(
    "get_problem",
    tag="problems",
    summary="One kind of error",
    about="What it means and what to do about it.",
    answer=Kind,
    path=[NAME],
    may_be={"not-here": None},
)
class ProblemEndpoint(Endpoint):
    seconds = LATER

    def get(self, request: Request, name: str) -> Response:
        kind = problems.kind(name)
        if kind is None:
            names = ", ".join(each.name for each in problems.KINDS)
            raise NotHere(f"There is no such problem. There are: {names}.")
        return Response(Kind(kind).data)


def _deleted(request: Request, by: Revision, **members: object) -> Response:
    detail = f"It was removed in block {by.height} by {by.kind}. The member record holds all that was said."
    return problem("deleted", request, detail=detail, members=members)


def _withheld(request: Request, texts: Sequence[Text], **members: object) -> Response:
    """A problem that says why, and who withholds them (RFC 7725)."""
    reasons = " ".join(dict.fromkeys(each.reason for each in texts))
    link = {"Link": '</contact>; rel="blocked-by"'}
    detail = f"The operator of this site withholds a text of it: {reasons}"
    return problem("withheld", request, detail=detail, members=members, headers=link)


urlpatterns = [
    path("problems", ProblemsEndpoint.as_view(), name="problems"),
    path("problems/<str:name>", ProblemEndpoint.as_view(), name="problem"),
    path("status", StatusEndpoint.as_view(), name="status"),
    path("chains", ChainsEndpoint.as_view(), name="chains"),
    path("chains/<str:brid>", ChainEndpoint.as_view(), name="chain"),
    path("chains/<str:brid>/records/<str:prompt_id>", RecordEndpoint.as_view(), name="record"),
    path("blocks", AllBlocksEndpoint.as_view(), name="all-blocks"),
    path("chains/<str:brid>/blocks", BlocksEndpoint.as_view(), name="blocks"),
    path("chains/<str:brid>/blocks/<str:block>", BlockEndpoint.as_view(), name="block"),
    path("chains/<str:brid>/transactions/<str:rid>", TransactionEndpoint.as_view(), name="transaction"),
    path("configurations", AllConfigurationsEndpoint.as_view(), name="all-configurations"),
    path("chains/<str:brid>/configurations", ConfigurationsEndpoint.as_view(), name="configurations"),
    path(
        "chains/<str:brid>/configurations/<str:height>",
        ConfigurationEndpoint.as_view(),
        name="configuration",
    ),
]
