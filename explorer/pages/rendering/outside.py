"""Links of strangers that lead away from this site: each goes by a page of ours first, which says where to.

Their addresses are signed, so that the page leads nowhere that no text here links to.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlencode, urlsplit

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from markdown_it.common.normalize_url import normalizeLinkText

from explorer.pages.rendering import sanitize

LONGEST = 2_000
"""Characters of an address; a longer one is no link."""

_IDNA = "xn--"


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


def way_to(address: str) -> str | None:
    """The address of our page about it; None for what is no link of ours."""
    if len(address) > LONGEST or _read(address) is None:
        return None
    return f"{reverse('leaving')}?{urlencode({'to': address, 'signed': _signer().signature(address)})}"


def outside(address: str, signature: str) -> Outside | None:
    """Where a signed address leads; None where it is not signed by this site."""
    signer = _signer()
    try:
        signer.unsign(f"{address}{signer.sep}{signature}")
    except BadSignature:
        return None
    parts = _read(address)
    if parts is None:
        return None
    host = parts.hostname or ""
    return Outside(
        address=address,
        written=sanitize.visible(normalizeLinkText(address)),
        host=sanitize.visible(host if parts.port is None else f"{host}:{parts.port}"),
        user=sanitize.visible(parts.netloc.rpartition("@")[0]),
        is_number=_is_number(host),
        is_spelled=any(part.startswith(_IDNA) for part in host.split(".")),
    )


def _signer() -> Signer:
    return Signer(salt="leaving")


def _read(address: str) -> SplitResult | None:
    """Its parts; None where it cannot be one of https."""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_one and address.isascii() and "\\" not in address else None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True
