"""A typed client for the REST API of one Postchain node.

Rules of the API that hold here (REST API of Postchain, versions 4 to 22; what differs between versions is
seen in recordings of real nodes): lists come newest first and hold at most 100; `before-height` excludes the
height itself; unknown parameters are ignored in silence, so only `before-height` and `limit` are used, which
every version knows; a block that does not exist is `null` with status 200; `/height` is the height of the
next block; a configuration is found at its exact height only. Heights are never tested for truth.

Answers are checked for their shape, not for their truth: that is `indexer.postchain.verify`'s.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, TypeVar

from indexer.node import answers
from indexer.node.address import parse
from indexer.node.answers import BrokenRules, Malformed, WebPage
from indexer.node.errors import BadAnswer, BrokenList, NoSuchRoute, Refused, UnknownChain, printable
from indexer.node.transport import Ask, Limits, Patience, Reply, Transport
from indexer.postchain import gtv
from indexer.postchain.verify import StatedBlock

MOST_BLOCKS = 100
"""The most blocks that a node gives in one list, whatever is asked for."""

_OCTETS = "application/octet-stream"
_FIRST_WITH_NODE_STATE = 5
_RUNNING = -1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The value that a query gave; `block_height` is the last block's in the state that it read, where the
    node says so.
    """

    value: gtv.Gtv
    block_height: int | None


class NodeClient:
    """One node. Every method may raise a `NodeError`; nothing else of the network, of HTTP or of a decoder
    comes out.

    `url` is the address as it was given, `name` the same without credentials, `origin` its scheme, host and
    port. May be used by several threads.
    """

    def __init__(self, url: str, *, limits: Limits | None = None, patience: Patience | None = None) -> None:
        address = parse(url)
        self.url = url
        self.name = address.shown
        self.origin = address.origin
        self._names_user = address.credentials is not None
        self._limits = limits or Limits()
        self._transport = Transport(address, limits=self._limits, patience=patience or Patience())
        self._version: int | None = None

    def __repr__(self) -> str:
        return f"NodeClient({self.name})"

    @property
    def has_answered(self) -> bool:
        """Whether it gave any answer so far."""
        return self._transport.has_answered

    def close(self) -> None:
        """Closes the connections that are kept alive."""
        self._transport.close()

    def ask_anew(self) -> None:
        """Ask over a new connection from now on: behind one address there may be several nodes, of which each
        connection reaches the same one.
        """
        self._transport.renew()

    def pause(self, failed: int) -> None:
        """Waits as between attempts of one request, after so many that failed."""
        self._transport.pause(failed)

    def version(self) -> int:
        """The version of the node's REST API, asked for once."""
        if self._version is None:
            self._version = self._small(
                "/version", lambda body: answers.json(body, shape=answers.Version).version
            )
        return self._version

    def brid(self, iid: int = 1) -> bytes:
        """The blockchain RID of the node's chain with this internal number; 0 is the directory chain's, 1
        mostly the dapp's.
        """
        read = partial(_hex, what="blockchain RID", length=32)
        try:
            return self._small(f"/brid/iid_{iid}", lambda body: read(answers.text(body)))
        except UnknownChain as error:
            why = f"has no chain under the number {iid}; name the chain with BRID=, or wait if it is starting"
            raise UnknownChain(self.name, why) from error

    def height(self, brid: bytes) -> int:
        """The height of the next block: 0 for an empty chain."""
        return self._small(
            f"/blockchain/{_rid(brid)}/height",
            lambda body: answers.json(body, shape=answers.BlockHeight).block_height,
        )

    def blocks(
        self, brid: bytes, *, before: int, limit: int = MOST_BLOCKS, transactions: bool = True
    ) -> list[StatedBlock]:
        """Blocks below height `before`, newest first, at most `limit` (and never more than 100).

        Without `transactions` each transaction has RID and hash, and `data` is empty. The list may be shorter
        than asked where the node cut it: go on with `before` the lowest height received. Raises TooLarge
        where it exceeds `Limits.blocks_bytes`: ask for fewer.
        """
        if limit < 1:
            raise ValueError(f"a list of {limit} blocks was asked for; ask for 1 to {MOST_BLOCKS}")
        limit = min(limit, MOST_BLOCKS)
        parameters: dict[str, str | int] = {
            "before-height": before,
            "limit": limit,
            "txs": _flag(transactions),
        }
        ask = Ask(f"/blocks/{_rid(brid)}", self._limits.blocks_bytes, parameters)
        reply = self._success(ask)
        found = self._read(
            ask, lambda: answers.blocks(reply.body, before=before, limit=limit, with_data=transactions)
        )
        if not found and _is_cut(reply):
            # One block above the node's budget empties the list; asked for alone, it comes.
            alone = self.block_at(brid, before - 1, transactions=transactions)
            return [] if alone is None else [alone]
        return found

    def block_at(self, brid: bytes, height: int, *, transactions: bool = True) -> StatedBlock | None:
        """The block at `height`, or None where the node has none (yet); `transactions` as in `blocks`."""
        path = f"/blocks/{_rid(brid)}/height/{height}"
        ask = Ask(path, self._limits.blocks_bytes, {"txs": _flag(transactions)})
        reply = self._success(ask)
        found = self._read(ask, lambda: answers.block(reply.body, with_data=transactions))
        if found is not None and found.height != height:
            self._bad(ask, f"block {found.height} where block {height} was asked for")
        return found

    def configuration(self, brid: bytes, *, height: int = _RUNNING) -> bytes | None:
        """The configuration (GTV) set at exactly `height`, or None where none was; -1 gives the one that
        runs.
        """
        ask = Ask(
            f"/config/{_rid(brid)}", self._limits.configuration_bytes, {"height": height}, accept=_OCTETS
        )
        try:
            return self._octets(ask)
        except Refused as refusal:
            if refusal.status == 400 and "Failed to find configuration" in refusal.message:
                return None
            raise

    def next_configuration_height(self, brid: bytes, *, after: int) -> int | None:
        """The first height above `after` at which a configuration was set; start with -1; None at the end."""
        ask = Ask(f"/config/{_rid(brid)}/next_height", self._limits.small_bytes, {"height": after})
        reply = self._success(ask)
        found = self._read(ask, lambda: answers.json(reply.body, shape=answers.BlockHeight | None))  # type: ignore[arg-type]
        if found is None:
            return None
        if found.block_height <= after:
            self._bad(ask, f"height {found.block_height} as the next one above {after}")
        return int(found.block_height)

    def query(self, brid: bytes, name: str, arguments: Mapping[str, gtv.Encodable]) -> QueryAnswer:
        """What the dapp's query `name` answers. A query that the dapp refuses raises Refused (400) with
        its message.
        """
        content = gtv.encode([name, dict(arguments)])
        ask = Ask(f"/query_gtv/{_rid(brid)}", self._limits.blocks_bytes, accept=_OCTETS, content=content)
        reply = self._success(ask, content_type=_OCTETS)
        stated = reply.headers.get("x-block-height")
        return self._read(ask, lambda: QueryAnswer(answers.gtv_value(reply.body), _block_height(stated)))

    def transaction(self, brid: bytes, rid: bytes) -> bytes | None:
        """The bytes of a transaction, or None where the node does not know it."""
        ask = Ask(f"/tx/{_rid(brid)}/{_rid(rid)}", self._limits.blocks_bytes, accept=_OCTETS)
        return self._unless_unknown(lambda: self._octets(ask))

    def node_state(self, brid: bytes) -> str | None:
        """What the node says that it does for the chain (RUNNING_VALIDATOR, …); None from versions that do
        not say.
        """
        if self.version() < _FIRST_WITH_NODE_STATE:
            return None
        return self._small(
            f"/blockchain/{_rid(brid)}/nodestate",
            lambda body: printable(answers.json(body, shape=answers.State).state),
        )

    def own_key(self, brid: bytes) -> bytes:
        """The public key that the node says is its own. Nothing proves it."""
        return self._small(
            f"/node/{_rid(brid)}/my_status",
            lambda body: _hex(answers.json(body, shape=answers.OwnStatus).public_key, what="public key"),
        )

    def _small(self, path: str, read: Callable[[bytearray], T]) -> T:
        ask = Ask(path, self._limits.small_bytes)
        reply = self._success(ask)
        return self._read(ask, lambda: read(reply.body))

    def _octets(self, ask: Ask) -> bytes:
        reply = self._success(ask, content_type=_OCTETS)
        if not reply.body:
            self._bad(ask, "nothing")
        return bytes(reply.body)

    def _success(self, ask: Ask, *, content_type: str | None = None) -> Reply:
        reply = self._granted(ask)
        if content_type is not None and reply.content_type not in {content_type, ""}:
            self._bad(ask, f"{printable(reply.content_type)} where {content_type} was asked for")
        return reply

    def _granted(self, ask: Ask) -> Reply:
        """A success. Where there is no such chain, another node behind the same address may have it: one of
        them may be starting.
        """
        failed = 0
        while (reply := self._transport.exchange(ask)).status >= 400:
            try:
                self._refuse(reply, ask)
            except UnknownChain:
                failed += 1
                if not self._transport.helps_again(failed):
                    raise
            self._transport.renew()
            self._transport.pause(failed)
        return reply

    def _refuse(self, reply: Reply, ask: Ask) -> NoReturn:
        message = answers.error_text(reply.body)
        if reply.status == 404 and message is None:
            raise NoSuchRoute(
                self.name,
                f"has no route for {ask}{', but a web page' if answers.is_web_page(reply.body) else ''}; "
                "its version may be too old, or this is not the root of a REST API",
                status=404,
                message="",
            )
        if reply.status == 404 and message is not None and message.startswith("Can't find blockchain"):
            raise UnknownChain(
                self.name,
                f"does not have this chain, or is still starting ({ask}: {message}); is it the right node?",
            )
        raise Refused(
            self.name,
            self._refusal(reply, ask, message),
            status=reply.status,
            message=message or "",
        )

    def _refusal(self, reply: Reply, ask: Ask, message: str | None) -> str:
        told = message or ("a web page" if answers.is_web_page(reply.body) else "no reason given")
        if reply.status == 401 and self._names_user:
            return f"refused us: 401, the user or the password in its address is not accepted ({ask}: {told})"
        if reply.status == 401:
            return f"refused us: 401, give user:password@ in its address ({ask}: {told})"
        if reply.status == 403:
            return f"refused us: 403, whoever runs it must let this machine in ({ask}: {told})"
        return f"refused {ask} with {reply.status}: {told}"

    def _read(self, ask: Ask, read: Callable[[], T]) -> T:
        try:
            return read()
        except BrokenRules as error:
            self._bad(ask, str(error), kind=BrokenList)
        except WebPage:
            raise BadAnswer(
                self.name,
                f"sent a web page for {ask}, so it is no node; check its address, or ask another node",
            ) from None
        except Malformed as error:
            self._bad(ask, str(error))

    def _bad(self, ask: Ask, what: str, *, kind: type[BadAnswer] = BadAnswer) -> NoReturn:
        raise kind(self.name, f"its answer to {ask} is bad: {what}; ask another node")

    def _unless_unknown(self, ask: Callable[[], bytes]) -> bytes | None:
        try:
            return ask()
        except NoSuchRoute:
            raise
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise


def _rid(rid: bytes) -> str:
    if len(rid) != 32:
        raise ValueError(f"a RID has 32 bytes, not {len(rid)}")
    return rid.hex().upper()


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _hex(text: str, *, what: str, length: int | None = None) -> bytes:
    return answers.octets(text, what=what, length=length)


def _is_cut(reply: Reply) -> bool:
    return str(reply.headers.get("x-data-truncated", "")).strip().lower() == "true"


def _block_height(stated: str | None) -> int | None:
    if stated is None:
        return None
    if not (stated.isascii() and stated.removeprefix("-").isdecimal() and len(stated) < 20):
        raise Malformed(f"X-Block-Height is {printable(stated)}, no height")
    return int(stated)
