"""Files in the storage of a test, and those that wait there."""

from pathlib import Path

from django.utils import timezone

from explorer.challenges import files
from explorer.challenges.files import Place, Upload
from explorer.challenges.models import EvidenceFile
from explorer.challenges.person import Person
from explorer.queries.chain.chains import ChainView
from tests.explorer.challenges import filed


def stored(kept: Path) -> list[bytes]:
    """The bytes of all files that are kept in a folder."""
    return [each.read_bytes() for each in sorted(kept.rglob("*")) if each.is_file()]


def names() -> list[str]:
    """The names of all files, in the order in which they came."""
    return list(EvidenceFile.objects.order_by("pk").values_list("name", flat=True))


def waiting(by: Person, chain: ChainView, *data: bytes) -> Place:
    """A draft of somebody, with texts."""
    place = Place(by.id, draft=filed.draft(chain, by=by).pk)
    for number, each in enumerate(data):
        files.add(place, Upload(f"{number}.txt", each), now=timezone.now())
    return place
