"""Sockets that serve one attempt of a request and end with it.

A read timeout bounds the wait for the next byte only, so that a node which sends a byte now and then could
hold a worker for ever. Here every connect, read and write gets what is left of the time for the whole
attempt.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

NETWORK_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpx.TransportError,
)
"""Everything that a `BoundedTransport` raises for the network's or the node's sake."""


@dataclass(slots=True)
class Attempt:
    """The attempt under way: when it must be over, and when its first byte must be here (monotonic seconds);
    bytes received, whether the node closed the connection.
    """

    ends: float
    begins: float
    received: int = 0
    closed: bool = False

    @property
    def is_over(self) -> bool:
        """Whether its time is used up."""
        return time.monotonic() >= self.ends

    def left(self, timeout: float | None) -> float:
        """Seconds for the next step, at most `timeout`."""
        left = (self.ends if self.received else min(self.begins, self.ends)) - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole request is over")
        return left if timeout is None else min(left, timeout)


_current: ContextVar[Attempt] = ContextVar("attempt")


@contextmanager
def attempt(seconds: float, *, first_byte: float | None = None) -> Iterator[Attempt]:
    """Requests inside (of this thread) share `seconds`; their first byte must come in `first_byte` of
    them.
    """
    now = time.monotonic()
    started = Attempt(ends=now + seconds, begins=now + (seconds if first_byte is None else first_byte))
    token = _current.set(started)
    try:
        yield started
    finally:
        _current.reset(token)


class BoundedTransport(httpx.BaseTransport):
    """httpcore under httpx, with sockets of ours; usable inside `attempt` only. Errors come out as
    httpcore's.
    """

    def __init__(self, *, secure: bool) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context() if secure else None,
            max_connections=64,
            keepalive_expiry=30.0,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange up to the answer's headers; the body comes as it is read."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response.stream))

    def renew(self) -> None:
        """Closes the connections that are kept alive: what is asked next goes over a new one."""
        for connection in self._pool.connections:
            if connection.is_idle():
                connection.close()

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _current.get().left(timeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        current = _current.get()
        data = self._stream.read(max_bytes, current.left(timeout))
        current.received += len(data)
        current.closed = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _current.get().left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _current.get().left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        self._stream.close()
