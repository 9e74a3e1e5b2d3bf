"""Files that go with what people say: they wait until that is sent, and are its event's from then on.

Bytes are in Django's storage, each under the hash of a salt of its own and of themselves, so that neither
name nor content of a file says where it lies, and no two share a place. They are written before their row is,
and removed after it is gone: what is left over when something breaks in between, `sweep` removes.
"""

import logging
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from explorer.challenges import reuse
from explorer.challenges.inspection import NotNow, NotTaken, Time, inspected
from explorer.challenges.models import Challenge, Draft, Event, EvidenceFile
from explorer.challenges.parties import stay
from explorer.desk import quotas
from explorer.desk.models import DESK
from explorer.desk.quotas import Limit, QuotaExceeded
from explorer.rules import deadlines
from explorer.rules.evidence import MOST_FILES

_KIB = 1024
LIMITS = (
    Limit("KiB of files", most=40 * _KIB, period=timedelta(days=1)),
    Limit("KiB of files of anybody", most=2 * _KIB * _KIB, period=timedelta(days=1), of_everybody=True),
)
"""What one account may send in a day, and all together."""

TRIES = (Limit("file", most=60, period=timedelta(hours=1)),)
"""Files of one account that are looked into, whether or not they are taken."""

_SALT = 32  # bytes
_PLACE = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}")
"""Where bytes are written; what lies elsewhere in the storage is somebody else's."""

_MOST_LOST = 20
"""Places that may be lost at once where no row knows any: with more, it is the rows that are missing."""

_log = logging.getLogger(__name__)
_JUST_WRITTEN = timedelta(hours=1)
"""How long bytes may be there whose row is not."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody's files wait: with a draft of his, or with what he adds to a challenge."""

    person: Any
    draft: UUID | None = None
    challenge: int | None = None

    def waiting(self) -> QuerySet[EvidenceFile]:
        """The files that wait there, in the order in which they were added."""
        of = {"person_id": self.person, "draft_id": self.draft, "challenge_id": self.challenge}
        return EvidenceFile.objects.filter(**of, event=None).order_by("pk")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was looked into: its row, which is in no table yet, and the bytes that are kept."""

    row: EvidenceFile
    data: bytes


class TooMuch(NotTaken):
    """More was sent than may be; ``until`` is when more may be."""

    def __init__(self, words: str, until: datetime) -> None:
        super().__init__(words)
        self.until = until


def add(place: Place, upload: Upload, *, now: datetime, time: Time | None = None) -> None:
    """Have one more file wait, unless the same waits there already. ``time`` is that of its request, by
    itself it has all. Raises NotTaken.
    """
    found = looked_into(upload, place, now=now, time=time or Time())
    with written([found]), transaction.atomic(using=DESK):
        stay(place.person)
        _check(place, found.row)
        _keep(place, found.row, now)


def looked_into(upload: Upload, place: Place, *, now: datetime, time: Time) -> Found:
    """What is kept of a file that is to wait there; it counts as a try of whose it is. Raises NotTaken, also
    where it has to be pointed at (`reuse`), and TooMuch where he sent as many as are looked into.
    """
    _count_try(place.person, now)
    found = inspected(upload.name, upload.data, time)
    salt = secrets.token_bytes(_SALT)
    salted = sha256(salt + found.data)
    named = salted.hexdigest()
    row = EvidenceFile(
        name=found.name, type=found.type, size=len(found.data), salt=salt,
        sha256=sha256(found.data).digest(), sent_sha256=sha256(upload.data).digest(),
        stored=f"{named[:2]}/{named}", salted_sha256=salted.digest(), added_at=now,
        person_id=place.person, draft_id=place.draft, challenge_id=place.challenge,
    )  # fmt: skip
    reuse.check(row, place.waiting(), now=now)
    return Found(row, found.data)


@contextmanager
def written(found: Collection[Found]) -> Iterator[None]:
    """Their bytes are in the storage. Those whose rows were not kept by what follows are removed. Raises
    NotNow where the storage does not take them.
    """
    try:
        for each in found:
            _store(each)
        yield
    except (OperationalError, InterfaceError):
        # Nobody knows whether the rows are there: what they do not know is swept.
        raise
    except BaseException:
        _forget_written(found)
        raise
    _forget_written(each for each in found if each.row.pk is None)


def keep(place: Place, found: Iterable[Found], *, now: datetime) -> QuerySet[EvidenceFile]:
    """Have files that come all at once wait, within the transaction of what they go with; gives these alone,
    whatever else waits there. Raises TooMuch.
    """
    stay(place.person)
    rows = [each.row for each in found]
    for row in rows:
        _keep(place, row, now)
    return place.waiting().filter(pk__in=[row.pk for row in rows])


def remove(place: Place, which: Collection[int]) -> None:
    """Have files wait no more, by their keys; nothing of those that do not wait there."""
    if which:
        with transaction.atomic(using=DESK):
            _remove(place.waiting().filter(pk__in=which))


def locked(found: QuerySet[EvidenceFile]) -> Sequence[EvidenceFile]:
    """Files of which none is removed or sent by others until the transaction ends."""
    return list(found.select_for_update())


def facts(challenge: Challenge, waiting: Iterable[EvidenceFile]) -> Mapping[str, Any]:
    """What an event says of the files that go with it: no name, and no hash without a salt that can be
    erased. Nothing where there are none. ``challenge`` is locked, or new.
    """
    last = challenge.files.exclude(event=None).count()
    said = [
        {
            "number": number,
            "type": each.type,
            "bytes": each.size,
            "salted_sha256": bytes(each.salted_sha256).hex().upper(),
        }
        for number, each in enumerate(waiting, last + 1)
    ]
    return {"files": said} if said else {}


def bind(waiting: Iterable[EvidenceFile], event: Event) -> None:
    """Have files be of an event, as `facts` told of them."""
    last = EvidenceFile.objects.filter(challenge_id=event.challenge_id).exclude(event=None).count()
    for number, each in enumerate(waiting, last + 1):
        EvidenceFile.objects.filter(pk=each.pk).update(
            draft=None, challenge=event.challenge_id, event=event, number=number
        )


def erase(event: Event) -> None:
    """Take out names, hashes and bytes of the files of an event, within a transaction."""
    found = EvidenceFile.objects.filter(event=event)
    _forget_bytes(locked(found))
    found.update(name="", salt=None, sha256=None, sent_sha256=None, stored="")


def forget(person: Any) -> None:
    """Remove the files of somebody that wait, and no longer know whose the others are."""
    own = EvidenceFile.objects.filter(person_id=person)
    _remove(own.filter(event=None))
    own.update(person=None)


def sweep(*, now: datetime) -> int:
    """Remove what waited for too long, and bytes of which no row knows; gives how many bytes' places.

    Nothing of what was not written here, and no bytes where nearly all of them are unknown: then the storage
    is another site's, or the tables are older than it.
    """
    with transaction.atomic(using=DESK):
        _remove(EvidenceFile.objects.filter(event=None, added_at__lte=now - deadlines.DRAFT, draft=None))
    written = [f"{folder}/{name}" for folder in _listed("")[0] for name in _listed(folder)[1]]
    places = [each for each in written if _PLACE.fullmatch(each)]
    known = set(EvidenceFile.objects.filter(stored__in=places).values_list("stored", flat=True))
    lost = [each for each in places if each not in known and _is_old(each, now)]
    if len(lost) > max(_MOST_LOST, len(known)):
        _log.error(
            "%d files in FILES are known by no row and %d are: none was removed. Look whether this storage "
            "is another site's too, or the database is an older one.", len(lost), len(known),
        )  # fmt: skip
        return 0
    _delete(lost)
    return len(lost)


def _store(found: Found) -> None:
    try:
        default_storage.save(found.row.stored, ContentFile(found.data))
    # Each storage has errors of its own.
    except Exception as error:
        _log.exception("The storage of FILES did not take %d bytes.", len(found.data))
        raise NotNow("This site cannot keep files just now") from error


def _forget_written(found: Iterable[Found]) -> None:
    """Remove bytes that no row knows; where the storage is away, they are swept."""
    try:
        _delete([each.row.stored for each in found])
    # Each storage has errors of its own, and who sent it learns of the one for which it is removed.
    except Exception:
        _log.exception("The storage of FILES did not remove what was not kept: that is swept later.")


def _count_try(person: Any, now: datetime) -> None:
    try:
        with transaction.atomic(using=DESK):
            quotas.take(TRIES, str(person), now=now)
    except QuotaExceeded as refusal:
        words = f"You sent many files: add it after {refusal.until:%H:%M} UTC."
        raise TooMuch(words, refusal.until) from refusal


def _check(place: Place, row: EvidenceFile) -> None:
    """Raise NotTaken where this is one too many. Others of the same account wait for this transaction."""
    if place.draft is not None and not _is_open(place.draft):
        raise NotTaken("This was filed meanwhile: files can be added to the challenge now.")
    waiting = place.waiting()
    if waiting.filter(sent_sha256=row.sent_sha256).exists():
        raise NotTaken("It is here already.")
    if waiting.count() >= MOST_FILES:
        raise NotTaken(f"There are {MOST_FILES} files here, and no more may be: remove one first.")


def _keep(place: Place, row: EvidenceFile, now: datetime) -> None:
    try:
        quotas.take(LIMITS, str(place.person), now=now, count=-(-row.size // _KIB))
    except QuotaExceeded as refusal:
        whose = "this site takes" if refusal.limit.of_everybody else "you may send"
        words = f"That is more than {whose} in a day: add it after {refusal.until:%Y-%m-%d %H:%M} UTC."
        raise TooMuch(words, refusal.until) from refusal
    row.draft_id, row.challenge_id = place.draft, place.challenge
    row.save(force_insert=True)


def _is_open(draft: UUID) -> bool:
    return Draft.objects.select_for_update().filter(pk=draft, challenge=None).exists()


def _remove(waiting: QuerySet[EvidenceFile]) -> None:
    """Remove files with their bytes: those that wait still, for others may be sent while this waits."""
    rows = locked(waiting)
    EvidenceFile.objects.filter(pk__in=[each.pk for each in rows]).delete()
    _forget_bytes(rows)


def _forget_bytes(rows: Iterable[EvidenceFile]) -> None:
    """Remove the bytes of rows that are locked, once the transaction has ended well."""
    places = [each.stored for each in rows if each.stored]
    transaction.on_commit(lambda: _delete(places), using=DESK)


def _delete(places: Collection[str]) -> None:
    for each in places:
        default_storage.delete(each)


def _listed(folder: str) -> tuple[Sequence[str], Sequence[str]]:
    """Folders and files of a folder; none where nothing was ever written."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _is_old(stored: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(stored) <= now - _JUST_WRITTEN
    except FileNotFoundError:
        return False
