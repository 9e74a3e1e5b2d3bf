"""The ports of this machine's loopback interface: which are free, and what answers there."""

import errno
import socket
import urllib.error
import urllib.request

from local.servers.errors import PortTrouble

HOST = "127.0.0.1"
_SECONDS = 5.0  # for an answer of a program on this machine
_MOST = 64 * 1024  # bytes
# Nobody between: a proxy that the environment names does not reach this machine's loopback interface.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def check(port: int) -> None:
    """Raise PortTrouble where nothing can be served at `port` under the name localhost."""
    for family, host in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        number = _refusal(family, host, port)
        if number == errno.EADDRINUSE:
            raise PortTrouble(f"Port {port} is taken by another program.")
        if number == errno.EACCES:
            raise PortTrouble(f"Port {port} may not be used by this user.")


def free(wanted: int = 0) -> int:
    """A port that nobody listens on: the wanted one where that is so."""
    if wanted and _refusal(socket.AF_INET, HOST, wanted) is None:
        return wanted
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def answer(url: str) -> str | None:
    """What is served at an address of this machine, at most 64 KiB; None where that is no success."""
    try:
        with _OPENER.open(url, timeout=_SECONDS) as response:
            return str(response.read(_MOST).decode(errors="replace"))
    except (OSError, ValueError, urllib.error.HTTPError):
        return None


def _refusal(family: socket.AddressFamily, host: str, port: int) -> int | None:
    """Why the system refuses to listen there; None where it does not, or knows no such network."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.errno
    return None
