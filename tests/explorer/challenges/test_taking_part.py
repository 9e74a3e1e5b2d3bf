"""Taking part in challenges that are filed, by form: joining, answering, withdrawing, and one's own."""

import json
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from explorer.accounts.models import Account, Respondent
from explorer.challenges import acting, files, kept_words, signed_out
from explorer.challenges.files import Place, Upload
from explorer.challenges.models import Challenge, Draft, KeptWords, Party
from explorer.desk.quotas import Limit
from explorer.queries.chain.chains import ChainView
from explorer.rules import deadlines
from explorer.rules.lifecycle import Role
from tests.explorer.accounts import conftest as accounts
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import BROKEN, DAY, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.filing_forms import SignIn, drafted, send, send_anyway
from tests.explorer.challenges.shown_challenges import HOSTILE
from tests.explorer.challenges.test_views import words
from tests.explorer.pages.asking import faults_of

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("kept")]


def test_what_whoever_joins_typed_is_kept_until_it_is_filed_and_for_a_day(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = filed.file(chain, UNTOUCHED, by=filed.person())
    path, joiner = f"/my/challenges/{challenge.name}/join", accounts.Person()
    lose_words(joiner, path)
    assert "So do I." not in str(joiner.client.session.items())
    joiner.sign_in(onward=path)
    for _ in range(3):
        assert typed(joiner, path) == "So do I."
    kept = json.loads(joiner.get("/my/account/export").content)["typed_while_signed_out"]
    assert [(each["form"], each["typed"]) for each in kept] == [(path, {"statement": "So do I."})]
    assert joiner.send(path, statement="So do I, again.").status_code == HTTPStatus.FOUND
    assert not KeptWords.objects.exists()
    joiner.send("/my/sign-out", form_at="/my/account")
    lose_words(joiner, path)
    KeptWords.objects.update(expires_at=timezone.now())
    joiner.sign_in("another@example.org", onward=path)
    assert typed(joiner, path) is None
    assert kept_words.expire(now=timezone.now()) == 1
    joiner.send("/my/sign-out", form_at="/my/account")
    monkeypatch.setattr(signed_out, "LIMITS", (Limit("words", most=0, period=DAY),))
    answer = lose_words(joiner, path)
    assert "Copy what you typed" in words(answer)
    assert "So do I." in answer.content.decode()


@pytest.mark.parametrize("too_much", ["of everybody", "at once"])
def test_whoever_is_signed_out_fills_no_table(
    too_much: str, chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/my/challenges/{filed.file(chain, UNTOUCHED, by=filed.person()).name}/join"
    one, other = accounts.Person(), accounts.Person()
    if too_much == "of everybody":
        everybody = Limit("anybody", most=1, period=DAY, of_everybody=True)
        monkeypatch.setattr(signed_out, "LIMITS", (everybody,))
        assert "kept for a day" in words(lose_words(one, path, **{"a name of nobody": "x" * 8_000}))
        assert KeptWords.objects.get().typed == {"statement": "So do I."}
        answer = lose_words(other, path)
    else:
        monkeypatch.setattr(signed_out, "LARGEST", 10)
        assert "kept for a day" in words(lose_words(one, path))
        answer = lose_words(other, path, statement="\u00e4 So do I.")
    assert "Copy what you typed" in words(answer)
    assert "So do I." in answer.content.decode()
    assert KeptWords.objects.count() == 1


def test_what_was_typed_is_for_the_same_browser_person_and_form_alone(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"/my/challenges/{filed.file(chain, UNTOUCHED, by=filed.person()).name}"
    own, other = accounts.Person(), accounts.Person()
    monkeypatch.setattr(signed_out, "MOST", 2)
    for form in ("withdraw", "evidence", "join"):
        lose_words(own, f"{at}/{form}")
    assert set(KeptWords.objects.values_list("path", flat=True)) == {f"{at}/evidence", f"{at}/join"}
    before = own.session
    own.sign_in(onward=f"{at}/join")
    assert own.session != before
    assert typed(own, f"{at}/join") == "So do I."
    # Another person is refused them even where his browser knows where they are.
    other.sign_in("other@example.org", onward=f"{at}/join")
    session = other.client.session
    session[signed_out._KEY] = own.client.session[signed_out._KEY]
    session.save()
    assert typed(other, f"{at}/join") is None
    session[signed_out._KEY] = {f"{at}/join": str(KeptWords.objects.get(path=f"{at}/evidence").pk)}
    session.save()
    assert typed(other, f"{at}/join") is None
    own.send("/my/sign-out", form_at="/my/account")
    own.sign_in(onward=f"{at}/join")
    assert typed(own, f"{at}/join") is None


def lose_words(of: accounts.Person, path: str, **more: str) -> accounts.Answer:
    """Send a form while nobody is signed in."""
    token = str(of.get("/my/sign-in").context["csrf_token"])
    sent = {"csrfmiddlewaretoken": token, "statement": "So do I.", "a\0b": "\0"} | more
    answer = of.client.post(path, sent)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    return answer


def typed(of: accounts.Person, path: str) -> str | None:
    """What is in the form."""
    found: str | None = of.get(path).context["form"]["statement"].value()
    return found


def test_whoever_the_operator_entered_responds_by_form_and_is_told_of_as_claiming_it(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    challenge = filed.file(chain, EDITED, by=filed.person("first"), now=timezone.now())
    speaker = filed.person("speaker")
    at = f"/my/challenges/{challenge.name}"
    assert "Sign in and come back" in words(visitor.get(f"{at}/respond"))
    sign_in(speaker)
    for scout in (None, challenge.scout + 1):
        if scout is not None:
            Respondent.objects.create(
                account_id=speaker.id, brid=chain.brid, scout=scout, since=timezone.now()
            )
        for form in ("respond", "extend"):
            assert visitor.get(f"{at}/{form}").status_code == HTTPStatus.NOT_FOUND, (scout, form)
        assert challenge.name not in words(visitor.get("/my/challenges"))
    Respondent.objects.update(scout=challenge.scout)
    listed = visitor.get("/my/challenges").content.decode()
    assert f'href="{at}/respond"' in listed
    assert f'href="{at}/extend"' in listed
    before = challenge.elapses_at
    assert send(visitor, f"{at}/extend").status_code == HTTPStatus.FOUND
    assert "can be done once" in words(visitor.get(f"{at}/extend"))
    assert "can be done once" in words(send_anyway(visitor, f"{at}/extend"))
    assert send(visitor, f"{at}/respond", statement="").status_code == HTTPStatus.BAD_REQUEST
    assert send(visitor, f"{at}/respond", statement="It was corrected.").status_code == HTTPStatus.FOUND
    challenge.refresh_from_db()
    assert (challenge.status, before is not None) == ("review", True)
    event = challenge.events.select_related("payload").get(type="respond")
    assert event.actor_ref == "respondent-1"
    assert event.payload.facts == {"standing": "claimed", "status": "review"}
    assert (event.payload.words, event.payload.published_at) == ({"response": "It was corrected."}, None)
    again = send_anyway(visitor, f"{at}/respond", statement="Again.")
    assert "Again." in again.content.decode()
    assert again.status_code == HTTPStatus.CONFLICT
    assert f'href="{at}/evidence"' in visitor.get("/my/challenges").content.decode()
    until = deadlines.evidence_until(acting.standing_of(challenge))
    assert until is not None
    form = visitor.get(f"{at}/evidence").content.decode()
    assert f'What comes until <time datetime="{until:%Y-%m-%dT%H:%M:%S}Z">' in form


def test_whoever_filed_it_responds_to_himself_by_no_appointment(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own = filed.person("first")
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    Respondent.objects.create(account_id=own.id, brid=chain.brid, since=timezone.now())
    sign_in(own)
    answer = visitor.get(f"/my/challenges/{challenge.name}/respond")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "Only whoever speaks for the writer" in words(answer)


def test_who_joins_is_counted_and_cannot_join_twice(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    challenge = filed.file(chain, UNTOUCHED, by=filed.person("first"))
    path = f"/my/challenges/{challenge.name}/join"
    assert "Sign in and come back" in words(visitor.get(path))
    sign_in(filed.person("second"))
    assert send(visitor, path, statement="").status_code == HTTPStatus.BAD_REQUEST
    done = send(visitor, path, statement="I saw it too.")
    assert done.headers["Location"] == f"/my/challenges/{challenge.name}/own?event=2"
    challenge.refresh_from_db()
    assert challenge.joined == 1
    again = send_anyway(visitor, path, statement="I saw it too.")
    assert again.status_code == HTTPStatus.CONFLICT
    assert "You take part in this challenge already." in words(again)


def test_whoever_takes_part_adds_evidence_and_others_are_led_to_join(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own, other = filed.person("own"), filed.person("other")
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    path, join = (f"/my/challenges/{challenge.name}/{each}" for each in ("evidence", "join"))
    assert "Sign in and come back" in words(visitor.get(path))
    sign_in(other)
    assert visitor.get(path).headers["Location"] == join
    assert path not in visitor.get("/my/challenges").content.decode()
    token = {"csrfmiddlewaretoken": str(visitor.get(join).context["csrf_token"])}
    assert visitor.post(path, token | {"statement": "x"}).status_code == HTTPStatus.NOT_FOUND
    assert send(visitor, join, statement="I saw it too.").status_code == HTTPStatus.FOUND
    for somebody, ref in ((other, "joiner-1"), (own, "challenger-1")):
        sign_in(somebody)
        assert path in visitor.get("/my/challenges").content.decode()
        assert send(visitor, path, statement="").status_code == HTTPStatus.BAD_REQUEST
        done = send(visitor, path, statement=HOSTILE)
        event = challenge.events.select_related("payload").order_by("ordinal").last()
        assert event is not None
        receipt = f"/my/challenges/{challenge.name}/own?event={event.ordinal}"
        assert done.headers["Location"] == receipt
        taken = visitor.get(receipt)
        assert set(faults_of(taken.content.decode())) <= {"a href=http://evil.example/b.png"}
        assert "Your evidence was added" in words(taken)
        assert "no-store" in taken.headers["Cache-Control"]
        assert (event.type, event.actor_ref, event.payload.words) == (
            "add-evidence",
            ref,
            {"evidence": HOSTILE},
        )
        assert event.payload.published_at is None
    Challenge.objects.update(status="decided")
    again = send_anyway(visitor, path, statement="More.")
    assert again.status_code == HTTPStatus.CONFLICT
    assert "More." in words(again)


def test_who_finds_the_same_challenged_joins_with_what_he_typed_and_his_draft_is_no_more(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    at = drafted(visitor, chain, UNTOUCHED, "replayed-text", other=str(BROKEN), links=f"{chain.rid}:{EDITED}")
    challenge = filed.file(chain, UNTOUCHED, "replayed-text", by=filed.person("first"), other=str(BROKEN))
    path = f"/my/challenges/{challenge.name}/join?draft={at.rpartition('/')[2]}"
    own = filed.person("second")
    sign_in(own)
    for step in ("ground", "evidence"):
        assert path in visitor.get(f"{at}/{step}").content.decode()
    offer = send(visitor, f"{at}/check")
    assert offer.status_code == HTTPStatus.CONFLICT
    assert path in offer.content.decode()
    draft = Draft.objects.get(challenge=None)
    files.add(Place(own.id, draft=draft.pk), Upload("a.txt", b"seen"), now=timezone.now() - 15 * DAY)
    sign_in(filed.person("third"))
    assert not visitor.get(path).context["form"]["statement"].value()
    sign_in(own)
    form = visitor.get(path)
    carried = form.context["form"]["statement"].value()
    assert carried.startswith(f"{WHY}\n\nWhich other record? {BROKEN}\n\n")
    assert f"{chain.rid}:{EDITED}" in carried
    assert f'action="{path}"' in form.content.decode()
    assert send(visitor, path, statement="").status_code == HTTPStatus.BAD_REQUEST
    done = send(visitor, path, statement=carried)
    assert done.status_code == HTTPStatus.FOUND, done.content.decode()
    assert not Draft.objects.filter(challenge=None).exists()
    assert [each.name for each in Place(own.id, challenge=challenge.number).waiting()] == ["a.txt"]
    files.sweep(now=timezone.now())
    assert "1 file of yours waits" in words(visitor.get(done.headers["Location"]))


def test_a_draft_on_another_ground_or_of_another_record_stays_when_somebody_joins(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    sign_in(filed.person("second"))
    challenge = filed.file(chain, UNTOUCHED, "replayed-text", by=filed.person("first"), other=str(BROKEN))
    fields = {"truncated": {"ending": "is flat"}, "replayed-text": {"other": str(BROKEN)}}
    for about, ground in ((UNTOUCHED, "truncated"), (EDITED, "replayed-text")):
        at = drafted(visitor, chain, about, ground, **fields[ground])
        path = f"/my/challenges/{challenge.name}/join?draft={at.rpartition('/')[2]}"
        assert not visitor.get(path).context["form"]["statement"].value()
    assert send(visitor, path, statement="I too.").status_code == HTTPStatus.FOUND
    assert Draft.objects.filter(challenge=None).count() == 2


def test_only_the_challenger_withdraws_and_that_is_seen(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own = filed.person("own")
    challenge = filed.file(chain, UNTOUCHED, by=own)
    path = f"/my/challenges/{challenge.name}/withdraw"
    sign_in(filed.person("other"))
    assert visitor.get(path).status_code == HTTPStatus.NOT_FOUND
    sign_in(own)
    assert path in visitor.get("/my/challenges").content.decode()
    done = send(visitor, path, statement="").headers["Location"]
    assert done == f"/my/challenges/{challenge.name}/own?event=2"
    assert "You withdrew the challenge" in words(visitor.get(done))
    challenge.refresh_from_db()
    assert (challenge.status, challenge.close_reason) == ("closed", "withdrawn")
    assert send_anyway(visitor, path, statement="").status_code == HTTPStatus.CONFLICT


def test_nobody_types_what_cannot_be_taken_any_more(
    visitor: Client, chain: ChainView, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = filed.person("own")
    challenge = filed.file(chain, EDITED, by=own, now=timezone.now())
    at = f"/my/challenges/{challenge.name}"
    who_joined = filed.person("who joined")
    acting.join(challenge.number, filed.act(Role.JOINER, person=who_joined.id), words="I too.")
    sign_in(own)
    assert "stays open and goes on without you" in words(visitor.get(f"{at}/withdraw"))
    send(visitor, f"{at}/withdraw", statement="I was wrong.")
    challenge.refresh_from_db()
    assert challenge.status == "open"  # its check confirmed it
    listed = visitor.get("/my/challenges").content.decode()
    assert not any(f"{at}/{act}" in listed for act in ("withdraw", "evidence"))
    monkeypatch.setattr(acting, "MOST_EVIDENCE", 0)
    monkeypatch.setattr(acting, "MOST_JOINED", 0)
    for who, act, why in (
        (own, "withdraw", "You withdrew it already. It goes on without you."),
        (own, "evidence", "nothing is added to it any more"),
        (who_joined, "evidence", "You added 0 pieces of evidence to it"),
        (filed.person("other"), "join", "no more may"),
    ):
        sign_in(who)
        refused = visitor.get(f"{at}/{act}")
        assert refused.status_code == HTTPStatus.CONFLICT, act
        assert why in words(refused)
        assert "<textarea" not in refused.content.decode()


def test_what_ended_by_itself_is_not_offered_to_be_answered(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own = filed.person("own")
    challenge = filed.file(chain, UNTOUCHED, by=own)
    acting.ask(
        challenge.number, filed.act(Role.ARBITER, now=timezone.now()), missing=["statement"], words="Which?"
    )
    sign_in(own)
    offered = f"/my/challenges/{challenge.name}/answer"
    assert offered in visitor.get("/my/challenges").content.decode()
    Challenge.objects.update(entered_at=timezone.now() - 15 * DAY)
    page = visitor.get("/my/challenges")
    assert offered not in page.content.decode()
    assert "closed" in words(page)


def test_a_decision_is_appealed_once_on_a_ground_and_nothing_typed_is_lost(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    own = filed.person("own")
    challenge = filed.file(chain, UNTOUCHED, by=own)
    path = f"/my/challenges/{challenge.name}/appeal"
    sign_in(own)
    assert "being screened" in words(visitor.get(path))
    early = send_anyway(visitor, path, ground="procedure", statement="Nobody asked.")
    assert early.status_code == HTTPStatus.CONFLICT
    assert "Nobody asked." in early.content.decode()
    assert path not in visitor.get("/my/challenges").content.decode()
    Challenge.objects.update(status="decided", entered_at=timezone.now())
    sign_in(filed.person("other"))
    assert visitor.get(path).status_code == HTTPStatus.NOT_FOUND
    sign_in(own)
    assert path in visitor.get("/my/challenges").content.decode()
    for ground, told in (("", "Choose for what you appeal"), ("disagree", "This is no ground of an appeal")):
        wrong = send(visitor, path, ground=ground, statement="Nobody asked.")
        assert wrong.status_code == HTTPStatus.BAD_REQUEST
        assert told in words(wrong)
        assert "Nobody asked." in wrong.content.decode()
    done = send(visitor, path, ground="procedure", statement="Nobody asked.")
    assert done.headers["Location"] == f"/my/challenges/{challenge.name}/own?event=2"
    event = challenge.events.select_related("payload").get(type="appeal")
    assert event.payload.facts == {"ground": "procedure", "status": "appealed"}
    assert (event.payload.words, event.payload.published_at) == ({"reasons": "Nobody asked."}, None)
    Challenge.objects.update(status="decided", entered_at=timezone.now())
    again = send_anyway(visitor, path, ground="conflict", statement="Once more.")
    assert again.status_code == HTTPStatus.CONFLICT
    assert "Each side can appeal once" in words(again)


def test_an_appeal_typed_while_the_session_was_over_is_there_again(chain: ChainView) -> None:
    path = f"/my/challenges/{filed.file(chain, UNTOUCHED, by=filed.person()).name}/appeal"
    Challenge.objects.update(status="decided", entered_at=timezone.now())
    appellant = accounts.Person()
    token = str(appellant.get("/my/sign-in").context["csrf_token"])
    typed = {"ground": "conflict", "statement": "He wrote it himself."}
    answer = appellant.client.post(path, {"csrfmiddlewaretoken": token, **typed})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    appellant.sign_in(onward=path)
    account = Account.objects.get(email=accounts.MAIL)
    Party.objects.update(person_id=account.pk)
    form = appellant.get(path).context["form"]
    assert {name: form[name].value() for name in typed} == typed


def test_my_challenges_are_mine_alone(visitor: Client, chain: ChainView, sign_in: SignIn) -> None:
    own = filed.person("own")
    challenge = filed.file(chain, UNTOUCHED, by=own)
    filed.draft(chain, by=own)
    assert challenge.name not in visitor.get("/my/challenges").content.decode()
    sign_in(own)
    page = visitor.get("/my/challenges")
    assert challenge.name in words(page)
    sign_in(filed.person("other"))
    assert challenge.name not in visitor.get("/my/challenges").content.decode()
