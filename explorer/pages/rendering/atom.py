"""Feeds as Atom (RFC 4287), written by Django's own generator.

Feeds and entries are named by tag URIs (RFC 4151) of their paths and of the site's own name, the first of
``ALLOWED_HOSTS``: whatever becomes of a record, and by whichever name the site is asked for it, it stays the
same entry, and is newer. Nothing in a feed depends on when it was asked for, so one that holds nothing new is
not sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString

from explorer.pages.rendering import sanitize

MOST = 50
"""Entries of a feed."""

LONGEST_TITLE = 160
_NAMED_AT = "2026-01-01"  # of all tag URIs, which name paths alone
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: ``title`` as plain text of any characters, ``words`` as HTML that is safe.

    ``path`` is where it leads, ``name`` the path that names it where that is another one.
    """

    path: str
    title: str
    words: SafeString
    updated_at: datetime
    published_at: datetime | None = None
    name: str = ""


class _Feed(Atom1Feed):
    """Atom whose time is that of its entries."""

    def latest_post_date(self) -> datetime:
        """When the newest entry changed; of none, the time before all."""
        return max((each["updateddate"] for each in self.items), default=_NEVER)


def feed(request: HttpRequest, entries: Sequence[Entry], *, title: str, page: str, site: str) -> HttpResponse:
    """The answer: the newest of these entries, the newest first. ``page`` is the path at which people read
    the same.
    """
    written = _Feed(
        title=" \N{MIDDLE DOT} ".join(filter(None, (_plain(title), _plain(site)))),
        link=request.build_absolute_uri(page),
        description=None,
        language="en",
        author_name=_plain(site) or _authority(),
        feed_url=request.build_absolute_uri(),
        feed_guid=_tag(request.get_full_path()),
    )
    for each in sorted(entries, key=lambda entry: entry.updated_at, reverse=True)[:MOST]:
        written.add_item(
            title=_plain(each.title),
            link=request.build_absolute_uri(each.path),
            description=each.words,
            unique_id=_tag(each.name or each.path),
            updateddate=each.updated_at,
            pubdate=each.published_at,
        )
    body = written.writeString("utf-8")
    return HttpResponse(body, content_type=written.content_type, headers={"X-Robots-Tag": "noindex"})


def _tag(path: str) -> str:
    """The name of what is at a path, whoever asks for it, and how."""
    return f"tag:{_authority()},{_NAMED_AT}:{path}"


def _authority() -> str:
    """The site's own name: the first of those under which it may be asked for."""
    names = (each.lstrip("*.").lower() for each in settings.ALLOWED_HOSTS if not each.startswith("["))
    return next(filter(None, names), "localhost")


def _plain(text: str) -> str:
    """The text on one line, with signs for what cannot be seen or is no character of XML."""
    return sanitize.line(text, limit=LONGEST_TITLE)
