"""One HTTP exchange with a node, bounded in bytes and in time, tried again where that can help.

The answer's size is counted after decompression while it arrives, so that neither a huge answer nor a small
one that unpacks to a huge one is ever held. Redirects are not followed, proxies and credentials of the
environment are not used, cookies are not kept.
"""

import logging
import random
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies_environment

import httpcore
import httpx

from indexer.node import answers
from indexer.node.address import NodeAddress
from indexer.node.errors import (
    BadAnswer,
    NodeError,
    Redirected,
    Silent,
    TooLarge,
    TooSlow,
    Truncated,
    Unavailable,
    Unreachable,
    printable,
)
from indexer.node.sockets import NETWORK_ERRORS, Attempt, BoundedTransport, attempt

logger = logging.getLogger(__name__)

_MIB = 1 << 20
_ERROR_BYTES = 64 * 1024
_TRIED_AGAIN = frozenset({429, 500, 502, 503, 504})
_is_fail_fast: ContextVar[bool] = ContextVar("is_fail_fast", default=False)


@contextmanager
def fail_fast() -> Iterator[None]:
    """Requests inside (of this thread) go to a node beside which others can be asked: one that is silent is
    given up soon, and not waited for again. What such a failure raises has `is_fail_fast` set.
    """
    with _paced(is_fail_fast=True):
        yield


@contextmanager
def patient() -> Iterator[None]:
    """Requests inside go to a node that is waited for, also where what asks for them is fail-fast itself."""
    with _paced(is_fail_fast=False):
        yield


@contextmanager
def _paced(*, is_fail_fast: bool) -> Iterator[None]:
    token = _is_fail_fast.set(is_fail_fast)
    try:
        yield
    finally:
        _is_fail_fast.reset(token)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long (seconds) and how large (bytes after decompression) an answer may be; `total_seconds` is for
    one attempt as a whole.

    Fail-fast the first byte must come in `fail_fast_seconds`, and in `contact_seconds` from a node that never
    answered yet. Blocks, transactions and query answers share `blocks_bytes`. Blocks come as JSON with their
    bytes in hex, so that 128 MiB hold less than 64 MiB of transactions; a block with one transaction of
    25 MiB fits.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    fail_fast_seconds: float = 15.0
    contact_seconds: float = 6.0
    total_seconds: float = 120.0
    blocks_bytes: int = 128 * _MIB
    configuration_bytes: int = 32 * _MIB
    small_bytes: int = 1 * _MIB


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and how long to wait between (seconds).

    Waits double from `first_wait` up to `longest_wait`, each shortened by chance to between half and all of
    it, so that many workers do not come back at once. A node's Retry-After is waited for, unless it is above
    `longest_retry_after` (fail-fast, above that): then the request fails now.
    """

    attempts: int = 4
    first_wait: float = 0.25
    longest_wait: float = 4.0
    longest_retry_after: float = 30.0
    longest_retry_after_fail_fast: float = 3.0
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random

    def wait(self, failed: int, *, retry_after: float | None) -> float:
        """Seconds to wait after `failed` attempts."""
        backoff = min(self.longest_wait, self.first_wait * 2.0 ** (failed - 1)) * (0.5 + self.random() / 2)
        return backoff if retry_after is None else max(backoff, retry_after)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: a GET, or a POST of octets where there is `content`; `limit` is the largest answer in
    bytes.
    """

    path: str
    limit: int
    parameters: Mapping[str, str | int] | None = None
    accept: str = "application/json"
    content: bytes | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.content is None else "POST"

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in (self.parameters or {}).items())
        return f"{self.method} {self.path}{'?' if query else ''}{query}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, decompressed; of an error's body (status 400 and above) at most 64 KiB."""

    status: int
    headers: httpx.Headers
    body: bytearray

    @property
    def content_type(self) -> str:
        """The media type in lowercase without parameters; "" where the node names none."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


class Transport:
    """HTTP to one node, with connections kept alive; may be used by several threads.

    `has_answered` once it gave any answer.
    """

    def __init__(self, address: NodeAddress, *, limits: Limits, patience: Patience) -> None:
        self._node = address.shown
        self._limits = limits
        self._patience = patience
        self.has_answered = False
        self._bounded = BoundedTransport(secure=address.url.scheme == "https")
        self._client = httpx.Client(
            base_url=address.url,
            auth=address.credentials,
            # Between processes on one machine compression costs more than it saves.
            headers={"accept-encoding": "identity" if address.loopback else "gzip"},
            timeout=httpx.Timeout(
                limits.read_seconds, connect=limits.connect_seconds, pool=limits.total_seconds
            ),
            transport=self._bounded,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Closes all connections."""
        self._client.close()

    def helps_again(self, failed: int) -> bool:
        """Whether what failed so often may be asked again: not where another node can be asked."""
        return failed < self._patience.attempts and not _is_fail_fast.get()

    def renew(self) -> None:
        """Ask over a new connection from now on."""
        self._bounded.renew()

    def pause(self, failed: int, *, retry_after: float | None = None) -> None:
        """Waits as long as is waited after so many failed attempts."""
        self._patience.sleep(self._patience.wait(failed, retry_after=retry_after))

    def exchange(self, ask: Ask) -> Reply:
        """The node's answer: a success (2xx) or a refusal (4xx, but never 429).

        Raises Unreachable, TooSlow, Unavailable, Truncated, TooLarge, Redirected or BadAnswer.
        """
        failed = 0
        while True:
            try:
                return self._once(ask)
            except (Unreachable, Unavailable, Truncated) as error:
                failed += 1
                retry_after = error.retry_after if isinstance(error, Unavailable) else None
                if not self._helps_again(error, failed=failed, retry_after=retry_after):
                    raise
                if isinstance(error, Silent):
                    logger.warning("node %s does not answer; it is asked again", self._node)
            self.renew()  # behind one address there may be another node, which can answer
            self.pause(failed, retry_after=retry_after)

    def _helps_again(self, error: NodeError, *, failed: int, retry_after: float | None) -> bool:
        patience = self._patience
        error.is_fail_fast = _is_fail_fast.get() and (
            isinstance(error, Silent) or (retry_after or 0) > patience.longest_retry_after_fail_fast
        )
        if failed >= patience.attempts or error.is_fail_fast or isinstance(error, TooSlow):
            return False
        return retry_after is None or retry_after <= patience.longest_retry_after

    def _first_byte_seconds(self) -> float | None:
        if not _is_fail_fast.get():
            return None
        return self._limits.fail_fast_seconds if self.has_answered else self._limits.contact_seconds

    def _once(self, ask: Ask) -> Reply:
        with attempt(self._limits.total_seconds, first_byte=self._first_byte_seconds()) as under_way:
            try:
                reply = self._receive(ask)
                self.has_answered = True
                return self._checked(reply, ask)
            except zlib.error as error:
                raise BadAnswer(
                    self._node, f"its answer to {ask} is no gzip ({error}); ask another node"
                ) from error
            except NETWORK_ERRORS as error:
                raise self._explained(error, ask, under_way) from error

    def _receive(self, ask: Ask) -> Reply:
        headers = {"accept": ask.accept}
        if ask.content is not None:
            headers["content-type"] = "application/octet-stream"
        request = self._client.build_request(
            ask.method, ask.path.lstrip("/"), params=ask.parameters, content=ask.content, headers=headers
        )
        response = self._client.send(request, stream=True)
        try:
            if response.status_code >= 400:
                return Reply(
                    response.status_code, response.headers, self._body(response, ask, limit=_ERROR_BYTES)
                )
            return Reply(response.status_code, response.headers, self._body(response, ask, limit=ask.limit))
        except TooLarge:
            if response.status_code < 400:
                raise
            return Reply(response.status_code, response.headers, bytearray())
        finally:
            response.close()

    def _body(self, response: httpx.Response, ask: Ask, *, limit: int) -> bytearray:
        stated = response.headers.get("content-length", "")
        if stated.isdecimal() and len(stated) < 20 and int(stated) > limit:
            raise self._too_large(ask)
        body = bytearray()
        received = 0
        gunzip = self._gunzip(response, ask)
        for chunk in response.iter_raw():
            received += len(chunk)
            body += chunk if gunzip is None else gunzip.decompress(chunk, limit + 1 - len(body))
            if len(body) > limit or received > limit:
                raise self._too_large(ask)
        if gunzip is not None and received:
            self._check_end(gunzip, ask)
        return body

    def _gunzip(self, response: httpx.Response, ask: Ask) -> "zlib._Decompress | None":
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in {"gzip", "x-gzip"}:
            return zlib.decompressobj(wbits=31)
        if encoding in {"identity", ""}:
            return None
        raise BadAnswer(
            self._node, f"its answer to {ask} is packed as {printable(encoding)}, which was not asked for"
        )

    def _check_end(self, gunzip: "zlib._Decompress", ask: Ask) -> None:
        if not gunzip.eof:
            raise Truncated(
                self._node, f"its answer to {ask} ends inside its gzip data; ask again, or another node"
            )
        if gunzip.unused_data:
            raise BadAnswer(self._node, f"its answer to {ask} goes on after its gzip data; ask another node")

    def _too_large(self, ask: Ask) -> TooLarge:
        return TooLarge(
            self._node,
            f"its answer to {ask} is larger than {ask.limit:,} bytes; ask for less, or raise the limit",
        )

    def _checked(self, reply: Reply, ask: Ask) -> Reply:
        status = reply.status
        if status in _TRIED_AGAIN:
            raise self._unavailable(reply, ask)
        if 300 <= status < 400:
            raise Redirected(
                self._node,
                f"sends us to {_target(reply)} for {ask} (status {status}), which is not followed; "
                "if that is the node you mean, give its address",
            )
        if not (200 <= status < 300 or 400 <= status < 500):
            raise BadAnswer(
                self._node, f"answered status {status} to {ask}; see whether this is a Postchain node"
            )
        return reply

    def _unavailable(self, reply: Reply, ask: Ask) -> Unavailable:
        after = _retry_after(reply.headers)
        told = f", and asks to wait {after:g} s" if after is not None else ""
        text = answers.error_text(reply.body) or (
            "a web page" if answers.is_web_page(reply.body) else "no reason given"
        )
        return Unavailable(
            self._node,
            f"answered {reply.status} to {ask} ({text}){told}; ask again later, or another node",
            status=reply.status,
            retry_after=after,
        )

    def _explained(self, error: Exception, ask: Ask, under_way: Attempt) -> NodeError:
        reason = printable(str(error)) or type(error).__name__
        if under_way.is_over:
            total = self._limits.total_seconds
            return TooSlow(
                self._node,
                f"did not finish its answer to {ask} in {total:g} s; ask for less, or another node",
            )
        if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
            kind = Silent if isinstance(error, httpcore.ConnectTimeout) else Unreachable
            return kind(self._node, f"no connection ({reason}); {_how_to_connect(reason)}")
        if isinstance(error, httpcore.TimeoutException):
            waited = self._limits.read_seconds
            if not under_way.received:
                waited = min(waited, self._first_byte_seconds() or waited)
            then = "another node is asked" if _is_fail_fast.get() else "ask again later"
            return Silent(self._node, f"no answer to {ask} in {waited:g} s; {then}")
        if not under_way.received:
            return Unreachable(
                self._node, f"closed the connection without an answer to {ask}; ask again later"
            )
        if under_way.closed or isinstance(error, httpcore.NetworkError):
            return Truncated(
                self._node, f"its answer to {ask} breaks off ({reason}); ask again, or another node"
            )
        return BadAnswer(
            self._node, f"what it sends for {ask} is no HTTP ({reason}); see whether this is a Postchain node"
        )


def _how_to_connect(reason: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return "to trust a certificate of your own, name its file in SSL_CERT_FILE"
    unused = getproxies_environment().keys() & {"http", "https", "all"}
    found = "see whether it runs, and whether the address is right"
    return f"{found}; proxies are not used" if unused else found


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds; a date in place of a number counts as no wish, since clocks differ."""
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None


def _target(reply: Reply) -> str:
    try:
        url = httpx.URL(reply.headers.get("location", ""))
    except httpx.InvalidURL:
        return "no address"
    return printable(f"{url.scheme}://{url.host}") if url.host else printable(url.path)
