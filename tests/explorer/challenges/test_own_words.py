"""What somebody wrote in challenges: he reads it and takes it with him, and nobody else does."""

from http import HTTPStatus

import pytest
from django.test import Client

from explorer.accounts import personal_data
from explorer.accounts.models import Account
from explorer.challenges import acting, withholding
from explorer.challenges.parties import Actor
from explorer.queries.chain.chains import ChainView
from explorer.rules.lifecycle import Role
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import UNTOUCHED
from tests.explorer.challenges.filing_forms import SignIn
from tests.explorer.challenges.test_views import words

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("kept")]


def test_what_somebody_wrote_he_reads_and_takes_with_him_and_nobody_else_does(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own, other = filed.person("own"), filed.person("other")
    challenge = filed.file(chain, UNTOUCHED, by=own, statement="I saw <b>it</b>.")
    acting.join(challenge.number, filed.act(Role.JOINER, "other", person=other.id), words="I too.")
    at = f"/my/challenges/{challenge.name}/own"
    assert "here once you sign in" in words(visitor.get(at))
    sign_in(filed.person("third"))
    assert visitor.get(at).status_code == HTTPStatus.NOT_FOUND
    sign_in(own)
    page = visitor.get(f"{at}?event=2")  # another's
    assert "What you wrote in" in words(page)
    assert "I saw &lt;b&gt;it&lt;/b&gt;." in page.content.decode()
    assert "shown to others once somebody has looked it through" in words(page)
    assert "I too." not in page.content.decode()
    account = Account.objects.get(pk=own.id)
    assert [each["words"] for each in personal_data.export(account)["written"]] == [
        {"statement": "I saw <b>it</b>."}
    ]


@pytest.mark.parametrize(("is_erased", "words_left"), [(False, [{"statement": "Mine."}]), (True, [])])
def test_what_is_withheld_from_others_its_author_has_as_long_as_it_is_there(
    is_erased: bool, words_left: list[dict[str, str]], chain: ChainView
) -> None:
    own = filed.person("own")
    challenge = filed.file(chain, UNTOUCHED, by=own, statement="Mine.")
    withholding.suppress(
        challenge.number, filed.act(Role.MODERATOR), ordinal=1, category="personal data", basis="by law",
        second=Actor(Role.MODERATOR, "second"), erase=is_erased,
    )  # fmt: skip
    told = personal_data.export(Account.objects.get(pk=own.id))["written"]
    assert [each["words"] for each in told] == words_left
    assert {each["seen"] for each in told} <= {"withheld"}
