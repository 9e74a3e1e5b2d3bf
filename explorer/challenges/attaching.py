"""Files in a form: those that are chosen are kept at once, whatever else is wrong with the form, for no
browser chooses them again.
"""

import re

from django import forms
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils import timezone

from explorer.challenges import files
from explorer.challenges.files import Place, Upload
from explorer.challenges.inspection import NotNow, NotTaken, Time
from explorer.pages.rendering.sanitize import line
from explorer.rules.evidence import ENDINGS, LARGEST, MOST_FILES

FIELD, ADD, REMOVE = "files", "add-files", "remove-file"
BESIDES = frozenset({ADD, REMOVE})
"""What the form sends besides its fields: that it is about files alone, and which of them are to go."""

_NOT_NOW = NotNow("The database does not take it just now")
_ID = re.compile("[0-9]{1,18}", re.ASCII)


class FilesInput(forms.FileInput):
    """Several files."""

    allow_multiple_selected = True


def files_field() -> forms.Field:
    """Where files are chosen; what comes of it says `attached`."""
    return forms.FileField(
        label="Files, if you have some",
        help_text=f"Up to {MOST_FILES}, each of {LARGEST >> 20} MB at most: {', '.join(ENDINGS)}. Pictures "
        "are drawn anew, without the place and the camera that may stand in them. Files are shown once "
        "somebody has looked them through; leave out what is private.",
        required=False,
        widget=FilesInput(attrs={"multiple": True, "accept": ",".join(ENDINGS)}),
    )


def _remove(request: HttpRequest, place: Place, refused: list[str]) -> None:
    try:
        files.remove(place, [int(each) for each in request.POST.getlist(REMOVE) if _ID.fullmatch(each)])
    except (OperationalError, InterfaceError):
        refused.append(f"What was to be removed: {_NOT_NOW}")


def attached(request: HttpRequest, place: Place, form: forms.Form) -> bool:
    """Remove what is to be removed, and have the files that were chosen wait. What is not taken becomes an
    error of the form. Gives whether that is all that was asked.

    The form is cleaned after that: it may ask the index, which ends a transaction that waits for files.
    """
    refused: list[str] = []
    time = Time()
    _remove(request, place, refused)
    for number, sent in enumerate(request.FILES.getlist(FIELD), 1):
        try:
            if number > MOST_FILES:
                raise NotTaken(f"At most {MOST_FILES} files are taken: leave this one out.")
            upload = Upload(sent.name or "", sent.read(LARGEST + 1))
            files.add(place, upload, now=timezone.now(), time=time)
        except NotTaken as refusal:
            refused.append(f"{line(sent.name or '')}: {refusal}")
        except (OperationalError, InterfaceError):
            refused.append(f"{line(sent.name or '')}: {_NOT_NOW}")
    for each in refused:
        form.add_error(FIELD, each)
    return ADD in request.POST
