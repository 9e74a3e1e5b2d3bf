"""Serves a chain of one's own on this machine, as a node of Postchain 3.15 would (REST version 5).

    python -m devnet [--port P] [--state DIR] [--validators 1|4] [--merkle 1|2] [--scenario NAME]
                     [--block-time ms] [--control] …

The chain is kept under `devnet/` in the state folder, and the next start goes on there. Owner and validators
have the keys of the recorded chains, which everybody knows: so it listens on the loopback interface only.
"""

import argparse
import ipaddress
import os
import secrets
import signal
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from devnet import scenarios
from devnet.chain import validators
from devnet.chain.chain import NotTheSame
from devnet.chain.configurations import MOST_BLOCK_TIME_MS, Wanted
from devnet.chain.store import Unusable
from devnet.rest.server import NodeServer
from devnet.serving.control import ControlledNode
from devnet.serving.node import DevnetNode, open_node
from devnet.serving.running import building, playing

_STATE = Path(__file__).resolve().parents[2] / "var"
_RECONFIGURING_SECONDS = 0.5


class Usage(ValueError):
    """Options that cannot be meant."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until Ctrl-C or SIGTERM (status 0); 2 for options that cannot be meant, 1 for trouble of this
    machine.
    """
    options = _parser().parse_args(arguments)
    try:
        _check(options)
        with closing(_opened(options)) as node:
            _check_kept(node, options)
            node.dapp.block_time = options.block_time
            return _serve(node, options)
    except Usage as error:
        print(error, file=sys.stderr)
        return 2
    except (Unusable, NotTheSame, scenarios.NoKey) as error:
        print(error, file=sys.stderr)
        return 1
    except sqlite3.Error as error:
        print(
            f"the chain cannot be kept in {options.state}: {error}. No block is lost: make room or mend it, "
            "and start again",
            file=sys.stderr,
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devnet", description="Serve a chain of one's own, as a node would."
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=7740, help="port to listen on (7740); 0 takes a free one")
    parser.add_argument(
        "--state", type=Path, default=Path(os.environ.get("STATE") or _STATE), help="state folder (var)"
    )
    parser.add_argument("--validators", type=int, choices=(1, 4), help="validators of a new chain (1)")
    parser.add_argument("--merkle", type=int, choices=(1, 2), help="merkle version of a new chain (1)")
    parser.add_argument(
        "--name", help="name of a new chain (by chance): the same name and options give the same RID"
    )
    parser.add_argument(
        "--scenario", default="none", choices=("none", *scenarios.SCENARIOS), help="what happens (none)"
    )
    parser.add_argument("--seed", type=int, default=1, help="what decides the scenario's chances (1)")
    parser.add_argument(
        "--block-time", type=int, help="ms from an empty block to the next (3000); 0 builds none by itself"
    )
    parser.add_argument(
        "--control", action="store_true", help="answer /control, with which a test has its way"
    )
    return parser


def _check(options: argparse.Namespace) -> None:
    if not _is_loopback(options.host):
        raise Usage(
            f"{options.host} is no address of the loopback interface. The devnet's keys are known to "
            "everybody, so it is for this machine alone: leave --host out"
        )
    if options.block_time is not None and options.block_time < 0:
        raise Usage("--block-time must be 0 or more ms")
    if options.block_time == 0 and not options.control:
        raise Usage("with --block-time 0 only --control can build blocks: give it as well")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _opened(options: argparse.Namespace) -> DevnetNode:
    wanted = Wanted(
        keys=validators.keys_of(options.validators or 1),
        merkle_version=options.merkle or 1,
        block_time=options.block_time or MOST_BLOCK_TIME_MS,
        name=secrets.token_hex(8) if options.name is None else options.name,
    )
    return open_node(options.state / "devnet", wanted, pause=_RECONFIGURING_SECONDS)


def _check_kept(node: DevnetNode, options: argparse.Namespace) -> None:
    """That a chain which goes on is the one that is wanted."""
    first = node.dapp.history.in_force(0)
    kept = {"validators": len(first.signers), "merkle": first.merkle_version}
    for name, value in kept.items():
        given = getattr(options, name)
        if given not in (None, value):
            raise Usage(
                f"the chain in {options.state} was begun with --{name} {value}, not {given}: "
                "leave that out, or give another state folder"
            )


def _serve(node: DevnetNode, options: argparse.Namespace) -> int:
    server = _server(node, options)
    failures: list[Exception] = []

    def fail(error: Exception) -> None:
        failures.append(error)
        server.shutdown()

    with ExitStack() as stack:
        stack.enter_context(server)
        node.url = server.url
        if options.block_time != 0:
            stack.enter_context(building(node, fail=fail))
        if options.scenario != "none":
            steps = scenarios.begin(options.scenario, seed=options.seed, dapp=node.code)
            stack.enter_context(playing(node, steps, fail=fail))
        stack.enter_context(_ended_by_signal())
        _say(node, server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    raise failures[0]


def _server(node: DevnetNode, options: argparse.Namespace) -> NodeServer:
    served = ControlledNode(node) if options.control else node
    try:
        return NodeServer(served, host=options.host, port=options.port)
    except (OSError, OverflowError) as error:
        raise Usage(f"cannot listen on {options.host}:{options.port}: {error}; try --port 0") from None


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does, also where a shell made that one ignored."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _say(node: DevnetNode, url: str) -> None:
    first = node.dapp.history.in_force(0)
    print(
        f"chain {node.spelling.brid}, next height {node.dapp.next_height}, "
        f"validators {len(first.signers)}, merkle {first.merkle_version}, at {url}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
