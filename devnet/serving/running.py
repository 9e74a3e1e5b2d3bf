"""A node at work: it builds blocks when they are due, anchors them, and plays a scenario."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devnet.rest.answers import Refusal
from devnet.scenarios import Pause, Step
from devnet.serving.node import DevnetNode

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.02

Fail = Callable[[Exception], None]
"""Is told of an error that ends the work, from the thread in which it came."""


@contextmanager
def building(node: DevnetNode, *, fail: Fail) -> Iterator[None]:
    """Blocks are built, at the pace of the dapp's chain, while this is entered."""

    def work(stop: threading.Event) -> None:
        while not stop.wait(_LOOK_SECONDS):
            if node.dapp.is_block_due():
                node.dapp.close_block()
                if node.is_anchoring_due():
                    node.anchor()

    with _working(work, name="blocks", fail=fail):
        yield


@contextmanager
def playing(node: DevnetNode, steps: Iterator[Step], *, fail: Fail) -> Iterator[None]:
    """A scenario's transactions are posted while this is entered. One that the node refuses is left out."""

    def work(stop: threading.Event) -> None:
        while not stop.is_set() and (step := _next(node, steps)) is not None:
            if isinstance(step, Pause):
                stop.wait(step.seconds)
                continue
            chain = node.dapp
            try:
                chain.submit(step.data(brid=chain.brid, version=chain.configuration.merkle_version))
            except Refusal as refusal:
                logger.warning("the scenario's transaction was refused: %s", refusal.text)

    with _working(work, name="scenario", fail=fail):
        yield


def _next(node: DevnetNode, steps: Iterator[Step]) -> Step | None:
    """The next step, made while the chain stands still."""
    with node.dapp.lock:
        return next(steps, None)


@contextmanager
def _working(work: Callable[[threading.Event], None], *, name: str, fail: Fail) -> Iterator[None]:
    stop = threading.Event()

    def guarded() -> None:
        try:
            work(stop)
        except Exception as error:
            fail(error)

    thread = threading.Thread(target=guarded, name=f"devnet-{name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
