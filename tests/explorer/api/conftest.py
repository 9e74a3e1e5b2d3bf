"""A challenge to ask the API for, beside the chains."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

import pytest
from pytest_django import DjangoDbBlocker

from explorer.challenges import acting
from explorer.challenges.models import Challenge
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import Role
from tests.explorer.challenges import filed, shown_challenges

EDITED = 5
"""A record of the recorded chain that was edited."""

FILED_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def reviewed_challenge(recorded_chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Challenge]:
    """One that is in review, both sides of which were heard; its hashes are the same in every run."""
    salts = (sha256(bytes([each])).digest() for each in count())
    with django_db_blocker.unblock():
        with pytest.MonkeyPatch.context() as fixed:
            fixed.setattr(secrets, "token_bytes", lambda size: next(salts)[:size])
            yield _reviewed(recorded_chain)
        shown_challenges.empty()


def _reviewed(chain: ChainView) -> Challenge:
    found = filed.file(chain, EDITED, by=filed.person(), now=FILED_AT, files=[b"It said round.\n"])
    screened, answered = FILED_AT + filed.DAY, FILED_AT + 2 * filed.DAY
    acting.publish(found.number, filed.act(Role.ARBITER, "arbiter one", now=screened))
    writer = filed.act(Role.RESPONDENT, "the writer", now=answered)
    acting.respond(found.number, writer, words="It was corrected: the first answer was cut off.")
    return Challenge.objects.get(pk=found.pk)
