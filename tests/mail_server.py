"""A mail server of a test's own: it takes every message and keeps it, or refuses every recipient."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread


@dataclass(frozen=True, slots=True)
class Taken:
    """Where it listens on this machine, and the messages that came so far, as they were sent."""

    port: int
    received: list[str] = field(default_factory=list)


class _Dialogue(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client that sends one message needs."""

    received: list[str]
    refusal: bytes

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self._say("354 go on")
                self.received.append(self._message())
            if word == b"RCPT" and self.refusal:
                self._say(f"{self.refusal.decode()} not {line.decode().strip()}")
                continue
            self._say("221 bye" if word == b"QUIT" else "250 fine")

    def _message(self) -> str:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines).decode().replace("\r\n", "\n")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server(*, refusal: bytes = b"") -> Iterator[Taken]:
    """A server that runs until the block ends. With a ``refusal`` that is its reply to every recipient."""
    received: list[str] = []
    dialogue = type("Dialogue", (_Dialogue,), {"received": received, "refusal": refusal})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), dialogue) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Taken(server.server_address[1], received)
        finally:
            server.shutdown()
            thread.join()
