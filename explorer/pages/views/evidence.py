"""The files of challenges: given out to be kept, never to be opened here."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header

from explorer.pages.frame.page import page
from explorer.queries.chain.transactions import WithheldBytes
from explorer.queries.db.errors import NotHere
from explorer.queries.site import challenges
from explorer.queries.site.challenge_events import Silence
from explorer.queries.site.challenge_files import FileRow, content
from explorer.rules.evidence import content_type

_POLICY = "sandbox; default-src 'none'"
_WAITING = "This file is shown once somebody has looked it through: ask again later."
_WITHHELD = {
    Silence.SUPPRESSED: "a moderator took it out; the challenge's page says of which kind it is.",
    Silence.WITH_RECORD: "words of the record are withheld, which it may repeat.",
}


@page
def file(request: HttpRequest, number: int, file_number: int) -> HttpResponse:
    """One file, once somebody has looked it through, and not while it is withheld."""
    event, found = challenges.challenge(number, now=timezone.now()).file(file_number)
    if event.silence in _WITHHELD:
        raise WithheldBytes(_WITHHELD[event.silence])
    if not found.is_shown:
        raise NotHere(_WAITING)
    return _given(found)


def _given(found: FileRow) -> HttpResponse:
    """As an attachment that no page can run. Each reader asks anew whether it is still shown."""
    return HttpResponse(
        content(found), content_type=content_type(found.type), status=HTTPStatus.OK,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=found.name or ""),
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            "Cache-Control": "no-cache",
        },
    )  # fmt: skip


urlpatterns = [
    path("challenges/<challenge:number>/evidence/<number:file_number>", file, name="challenge-file"),
]
