"""Links of strangers that lead away from this site: each goes by a page of ours first, which says where to.

Each is signed with the event of a challenge whose words it stands in, so that the page leads nowhere that no
words here link to, and nowhere once these are not shown any more.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from markdown_it.common.normalize_url import normalizeLinkText

from explorer.pages.rendering import sanitize

LONGEST = 2_000
"""Characters of an address; a longer one is no link."""

_IDNA = "xn--"
_HOST = re.compile(r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


@dataclass(frozen=True, slots=True)
class Outside:
    """An address elsewhere: ``written`` is it for people to read, ``host`` who is asked there. ``user``
    stands before that and names nobody, ``is_number`` is whether the host is one, and ``is_spelled`` whether
    it is a spelling of letters other than a to z, which may look like those of another host.
    """

    address: str
    written: str
    host: str
    user: str
    is_number: bool
    is_spelled: bool

    @property
    def is_plain(self) -> bool:
        """Whether nothing about it has to be said."""
        return not (self.user or self.is_number or self.is_spelled)


def way_to(address: str, of: str) -> str | None:
    """The address of our page about it, for what stands in the words ``of`` an event, as ``2026000001.3``;
    None for what is no link of ours.
    """
    if len(address) > LONGEST or _read(address) is None:
        return None
    asked = {"to": address, "of": of, "signed": _signer().signature(_signed(address, of))}
    return f"{reverse('leaving')}?{urlencode(asked)}"


def outside(address: str, of: str, signature: str) -> Outside | None:
    """Where a signed address leads; None where it is not signed by this site, for these words."""
    signer = _signer()
    try:
        signer.unsign(f"{_signed(address, of)}{signer.sep}{signature}")
    except BadSignature:
        return None
    parts = _read(address)
    if parts is None:
        return None
    user, _, host = parts.netloc.rpartition("@")
    labels = (parts.hostname or "").rstrip(".").split(".")
    return Outside(
        address=address,
        written=sanitize.visible(normalizeLinkText(address)),
        host=host.lower(),
        user=sanitize.visible(unquote(user)),
        is_number=host.startswith("[") or _NUMBER.fullmatch(labels[-1]) is not None,
        is_spelled=any(part.startswith(_IDNA) for part in labels),
    )


def _signer() -> Signer:
    return Signer(salt="leaving")


def _signed(address: str, of: str) -> str:
    return f"{of} {address}"


def _read(address: str) -> SplitResult | None:
    """Its parts; None where it cannot be one of https, or browsers might ask another host than it says."""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme == "https" and parts.port != 0
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    return parts if is_one and address.isascii() and "\\" not in address and _HOST.fullmatch(host) else None
