"""What became of a record, in words and as the tables number it."""

from enum import Enum

from indexer.models import Record


class Status(Enum):
    """The same three words everywhere."""

    LIVE = "live"
    EDITED = "edited"
    DELETED = "deleted"


STATUSES = {each.value: Status(each.label) for each in Record.Status}
NUMBERS = {status: number for number, status in STATUSES.items()}
EDITED = Record.Status.EDITED.value
DELETED = Record.Status.DELETED.value
