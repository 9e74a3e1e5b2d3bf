"""The tables of what people send. None belongs to a generation or follows a derivation's checkpoint, and fsck
derives none again: nothing of them follows from the chain, and they hold no word of it but what a person
typed.

What the web server's role may do to each is in ``config.databases``; the readers' role may do nothing but
read the views in ``desk_public``, which show what is public of challenges.
"""

from explorer.challenges.models.challenge import Challenge, Event, Party, Payload
from explorer.challenges.models.draft import Draft
from explorer.challenges.models.evidence import EvidenceFile
from explorer.challenges.models.kept_words import KeptWords
from explorer.challenges.models.notice import Notice
from explorer.challenges.models.report import Report
from explorer.challenges.models.sent import SentOnce

__all__ = [
    "Challenge",
    "Draft",
    "Event",
    "EvidenceFile",
    "KeptWords",
    "Notice",
    "Party",
    "Payload",
    "Report",
    "SentOnce",
]
