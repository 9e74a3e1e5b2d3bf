"""Filing by form while a session begins or ends on the way: nothing that was typed is lost."""

import re
from html import unescape
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from explorer.accounts.models import Account, Session
from explorer.challenges import signed_out
from explorer.challenges.models import Challenge, Draft, KeptWords, Party
from explorer.queries.chain.chains import ChainView
from tests.explorer.accounts import conftest as accounts
from tests.explorer.challenges.filed import DAY, WHY
from tests.explorer.challenges.filing_forms import begun, drafted, send
from tests.explorer.challenges.test_views import words
from tests.explorer.pages.asking import faults_of

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("taking")]


def test_whoever_signs_in_on_the_way_comes_back_to_his_draft_and_files_it(chain: ChainView) -> None:
    stranger = accounts.Person()
    at = drafted(stranger.client, chain)
    (to_sign_in,) = re.findall(r'href="(/my/sign-in[^"]*)"', stranger.get(f"{at}/check").content.decode())
    stranger.send(to_sign_in, email=accounts.MAIL, next=f"{at}/check")
    back = stranger.enter(accounts.mailed_code())
    assert back.headers["Location"] == f"{at}/check"
    assert WHY in words(stranger.get(f"{at}/check"))
    assert Client().get(f"{at}/check").status_code == HTTPStatus.NOT_FOUND
    assert stranger.send(f"{at}/check").headers["Location"] == f"{at}/filed"
    assert Party.objects.get().name == Account.objects.get().handle
    assert Challenge.objects.get().name in words(stranger.get("/my/challenges"))


def test_nothing_typed_is_lost_when_the_session_is_over(chain: ChainView) -> None:
    own = accounts.Person()
    at = begun(own.client, chain)
    send(own.client, f"{at}/ground", ground="truncated")
    send(own.client, f"{at}/evidence", ending="is flat", statement=WHY)
    own.sign_in(onward=f"{at}/evidence")
    form = own.get(f"{at}/evidence")
    given = {"csrfmiddlewaretoken": str(form.context["csrf_token"]), "ending": "<b>flat", "statement": "New."}
    Session.objects.all().delete()
    lost = own.client.post(f"{at}/evidence", given)
    assert (lost.status_code, faults_of(lost.content.decode())) == (HTTPStatus.NOT_FOUND, [])
    assert "kept for a day" in words(lost)
    assert "<b>flat" in unescape(lost.content.decode())
    assert "<b>flat" not in lost.content.decode()
    assert Draft.objects.get().statement == WHY
    assert own.client.session.get_expiry_age() <= signed_out.LIFETIME.total_seconds()
    assert own.sign_in(onward=f"{at}/evidence").headers["Location"] == f"{at}/evidence"
    assert Session.objects.get().expire_date > timezone.now() + 13 * DAY
    # Another browser of his wrote to it meanwhile: what is only looked at changes nothing of that.
    elsewhere = accounts.Person()
    elsewhere.sign_in(onward=f"{at}/evidence")
    send(elsewhere.client, f"{at}/evidence", ending="is flat", statement="Newest.")
    form = own.get(f"{at}/evidence").context["form"]
    assert (form["ending"].value(), form["statement"].value()) == ("<b>flat", "New.")
    assert Draft.objects.get().statement == "Newest."
    send(own.client, f"{at}/evidence", ending="<b>flat", statement="New.")
    assert (Draft.objects.get().fields, Draft.objects.get().statement) == (
        {"ending": "<b>flat", "links": ""}, "New.",
    )  # fmt: skip
    assert signed_out._KEY not in own.client.session
    assert not KeptWords.objects.exists()


def test_what_was_typed_by_one_who_is_signed_out_goes_to_no_draft_of_another(chain: ChainView) -> None:
    own, other = accounts.Person(), accounts.Person()
    at = drafted(own.client, chain)
    own.sign_in(onward=f"{at}/check")
    own.get(f"{at}/check")
    token = str(other.get("/my/sign-in").context["csrf_token"])
    for path in (f"{at}/evidence", f"/my/challenges/{uuid4()}/evidence"):
        answer = other.client.post(path, {"csrfmiddlewaretoken": token, "statement": "Mine."})
        assert answer.status_code == HTTPStatus.NOT_FOUND
        other.sign_in("other@example.org", onward=path)
        assert other.get(path).status_code == HTTPStatus.NOT_FOUND
        other.send("/my/sign-out", form_at="/my/account")
        token = str(other.get("/my/sign-in").context["csrf_token"])
    assert Draft.objects.get().statement == WHY
