"""A node over a real socket that says exactly what a test tells it to say, byte for byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked: `number` counts from 1 over all connections, header names are lowercase."""

    number: int
    connection: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Reaction = bytes | Callable[[socket.socket], None]
"""Bytes to send, or something to do with the connection, which is closed afterwards."""


def answer(
    body: bytes = b"",
    *,
    status: str = "200 OK",
    length: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A whole HTTP answer; `length` is what it states where that is not the truth."""
    lines = {"content-type": "application/json", **(headers or {}), "content-length": length or len(body)}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


class StubNode:
    """Listens on loopback and gives `react` each request; `requests` are those that came."""

    def __init__(self, react: Callable[[Request], Reaction], *, tls: ssl.SSLContext | None = None) -> None:
        self._react = react
        self._tls = tls
        self.requests: list[Request] = []
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # close() alone would not wake accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.append(connection)
                number = len(self._connections)
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while (request := self._read(connection, number)) is not None:
                reaction = self._react(request)
                if not isinstance(reaction, bytes):
                    reaction(connection)
                    break
                connection.sendall(reaction)
        except OSError:
            pass  # the client went away, which is what many of these tests are about
        finally:
            connection.close()

    def _read(self, connection: socket.socket, number: int) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            body += connection.recv(65536)
        method, target, _ = first.split(" ")
        with self._lock:
            request = Request(len(self.requests) + 1, number, method, target, headers, body)
            self.requests.append(request)
        return request
