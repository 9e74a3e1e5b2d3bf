"""What can go wrong on this machine when the embedded servers start; each message says what to do next."""

import re


class LocalError(Exception):
    """This machine's own trouble: nothing is wrong with the chain or the node."""


class NoPrograms(LocalError):
    """The server's programs are not installed."""


class NotPermitted(LocalError):
    """A folder or file cannot be used by the user who runs this."""


class DiskFull(LocalError):
    """No room is left where the server keeps its data."""


class OtherVersion(LocalError):
    """The data directory was made by another major version of the server."""


class UnusablePath(LocalError):
    """The state folder's path cannot be given to the server."""


class NoServerUser(LocalError):
    """PostgreSQL will not run as this user, and no other user can be had for it."""


class DidNotStart(LocalError):
    """The server ended before it took connections, for a reason that its log tells."""


class DidNotStop(LocalError):
    """The server was told to stop and still runs."""


class ServiceTrouble(LocalError):
    """A program that is started with others cannot start, or one of its needs is not met."""


class PortTrouble(LocalError):
    """A port of this machine cannot be had."""


class SchemaTrouble(LocalError):
    """The database answers but its tables cannot be brought up to date."""


class RoleTrouble(LocalError):
    """A database role of the web server cannot be made, or can do more than it is meant to."""


def did_not_start(name: str, *, folder: object, said: str) -> LocalError:
    """The error for a server that ended while starting, chosen by what it `said` last."""
    last = " / ".join(line.strip() for line in said.strip().splitlines()[-3:]) or "nothing"
    where = f"{name} did not start in {folder}. It said: {last}."
    if re.search(r"no space left on device|disk quota exceeded", said, re.IGNORECASE):
        return DiskFull(f"{where} Make room on that disk and run this again; nothing is lost.")
    if re.search(r"permission denied|read-only file system|operation not permitted", said, re.IGNORECASE):
        return NotPermitted(
            f"{where} Give the user who runs this that folder, or choose another with STATE=."
        )
    if re.search(r"database files are incompatible with server", said, re.IGNORECASE):
        return OtherVersion(
            f"{where} Another version of PostgreSQL made that folder. Choose another with STATE=, "
            "or dump it with the old version and load it into the new one."
        )
    if re.search(r"could not look up effective user id", said, re.IGNORECASE):
        return NoServerUser(f"{where} Give this user id a line in /etc/passwd, or run as a user who has one.")
    return DidNotStart(f"{where} Its whole log is {folder}/server.log.")
