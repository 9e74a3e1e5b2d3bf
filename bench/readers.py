"""Readers of a site: one with a connection, many of one address, and a crowd that asks once a second."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

_ACCEPTED = {"Accept": "text/html,application/json", "Accept-Encoding": "gzip"}
_LONGEST = 600.0

Address = Callable[[random.Random], str]


class Reader:
    """One reader with one connection."""

    def __init__(self, site: str) -> None:
        self._connection = HTTPConnection(urlsplit(site).netloc, timeout=_LONGEST)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def get(self, path: str) -> tuple[HTTPResponse, bytes]:
        """The answer of the site and its body."""
        self._connection.request("GET", path, headers=_ACCEPTED)
        response = self._connection.getresponse()
        return response, response.read()

    def timed(self, path: str) -> tuple[int, float]:
        """Its status, and the ms that it took."""
        started = time.monotonic()
        response, _ = self.get(path)
        return response.status, (time.monotonic() - started) * 1000


def given_a_second(site: str, path: str, *, readers: int, seconds: float) -> float:
    """Answers a second to so many readers who ask for one address all the time."""
    done = [0] * readers
    ends = time.monotonic() + seconds

    def read(number: int) -> None:
        with closing(Reader(site)) as reader:
            while time.monotonic() < ends:
                reader.get(path)
                done[number] += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done) / seconds


@contextmanager
def crowd(site: str, addresses: Sequence[Address], *, readers: int, seed: int) -> Iterator[list[float]]:
    """So many readers who ask for one of these once a second, each from a moment of its own on; ms that each
    answer took, as they come.
    """
    took: list[float] = []
    is_over = threading.Event()

    def read(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        with closing(Reader(site)) as reader:
            waits = chance.random()
            while not is_over.wait(waits):
                asked = time.monotonic()
                took.append(reader.timed(chance.choice(addresses)(chance))[1])
                waits = max(0.0, 1.0 - (time.monotonic() - asked))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for each in threads:
        each.start()
    try:
        yield took
    finally:
        is_over.set()
        for each in threads:
            each.join()
