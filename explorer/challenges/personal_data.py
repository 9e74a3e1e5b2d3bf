"""What challenges hold of a person: see ``explorer.accounts.personal_data``.

What was filed is public and stays, under no name; its words can be withheld or erased by a moderator. An
export has them as long as they are there, also those that nobody else can read.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from explorer.accounts.models import Account
from explorer.accounts.personal_data import PersonalData
from explorer.challenges import files, once, own_words, parties
from explorer.challenges.models import Draft, EvidenceFile, KeptWords, Party, SentOnce
from explorer.challenges.own_words import OwnWords


def _export(account: Account) -> Mapping[str, Any]:
    own = Party.objects.filter(person=account).select_related("challenge").order_by("challenge_id")
    return {
        "challenges": [
            {
                "challenge": each.challenge.name,
                "role": each.role,
                "page": f"/challenges/{each.challenge.name}",
            }
            for each in own
        ],
        "written": [_written(each) for each in own_words.of_person(account.pk)],
        "sent_by_programs": [
            {**each.answer, "sent_at": each.sent_at.isoformat(), "expires_at": each.expires_at.isoformat()}
            for each in SentOnce.objects.filter(person=account).order_by("sent_at")
        ],
        "files": [_file(each) for each in _files(account)],
        "typed_while_signed_out": [
            {"form": each.path, "typed": each.typed, "expires_at": each.expires_at.isoformat()}
            for each in KeptWords.objects.filter(person=account).order_by("expires_at")
        ],
        "drafts": [_draft(each) for each in Draft.objects.filter(person=account).order_by("created_at")],
    }


def _written(own: OwnWords) -> Mapping[str, Any]:
    return {
        "challenge": own.name,
        "event": own.ordinal,
        "type": own.type,
        "at": own.at.isoformat(),
        "words": own.words,
        "seen": own.seen.value,
    }


def _draft(draft: Draft) -> Mapping[str, Any]:
    return {
        "record": f"{bytes(draft.brid).hex().upper()}:{draft.prompt_id}",
        "ground": draft.ground,
        "fields": draft.fields,
        "statement": draft.statement,
        "created_at": draft.created_at.isoformat(),
        "expires_at": draft.expires_at.isoformat(),
    }


def _files(account: Account) -> QuerySet[EvidenceFile]:
    return EvidenceFile.objects.filter(person=account).select_related("challenge").order_by("pk")


def _file(file: EvidenceFile) -> Mapping[str, Any]:
    return {
        "name": file.name,
        "type": file.type,
        "bytes": file.size,
        "sha256": _hex(file.sha256),
        "sent_sha256": _hex(file.sent_sha256),
        "added_at": file.added_at.isoformat(),
        "challenge": None if file.challenge is None else file.challenge.name,
        "number": file.number,
    }


def _hex(value: bytes | memoryview | None) -> str | None:
    """None where it was erased."""
    return None if value is None else bytes(value).hex().upper()


def _delete(account: Account, now: datetime) -> None:
    files.forget(account.pk)
    parties.forget(account.pk)
    once.forget(account.pk)
    KeptWords.objects.filter(person=account).delete()


PERSONAL_DATA = PersonalData(export=_export, delete=_delete)
