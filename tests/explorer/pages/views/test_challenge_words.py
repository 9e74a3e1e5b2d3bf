"""What people say of a challenge, wherever it may stand: with its question and its number, once it was looked
through, and never while it is withheld.
"""

import re
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from explorer.challenges import acting, person
from explorer.challenges.deciding import Reasons
from explorer.challenges.models import Challenge
from explorer.challenges.person import Person
from explorer.pages.rendering import challenge_tags
from explorer.queries.chain.chains import ChainView
from explorer.queries.records.check_words import words_of
from explorer.queries.records.record import record
from explorer.queries.site import challenge_changes, challenges
from explorer.rules import registry
from explorer.rules.lifecycle import AppealGround, Resolution, Role
from explorer.rules.reasons import REASONS
from indexer.checks.registry import by_name
from indexer.models import Suppression
from tests.explorer.api.asking import told
from tests.explorer.challenges import filed, shown_challenges
from tests.explorer.challenges.filed import BROKEN, DELETED, EDITED, UNTOUCHED
from tests.explorer.challenges.test_acting import decide
from tests.explorer.challenges.test_views import words
from tests.explorer.pages.asking import get, page
from tests.indexer.records.erasing import erase, hide

pytestmark = pytest.mark.django_db
APPEAL = "The arbiters did not read the second block."

Act = Callable[[Suppression.Subject, bytes], int]
withheld = pytest.mark.parametrize("act", [hide, erase])
"""Before and after what is withheld is gone for good."""


@pytest.fixture(scope="module")
def every(chain: ChainView, django_db_blocker: DjangoDbBlocker) -> Iterator[Mapping[str, Challenge]]:
    """Two that were decided and appealed, one looked through since; one of which more is asked; and one that
    nobody looked through, of which a check found another record.
    """
    with django_db_blocker.unblock():
        found = {"waiting": _appealed(chain, BROKEN), "appealed": _appealed(chain, EDITED)}
        acting.publish(found["appealed"].number, filed.act(Role.MODERATOR, "who looks", now=timezone.now()))
        yield {
            **found,
            "asked": _asked(chain),
            "decided": _decided(chain),
            "found": _found(chain),
            "alone": _alone(chain),
        }
        shown_challenges.empty()


def _appealed(chain: ChainView, prompt_id: int) -> Challenge:
    now = timezone.now()
    by = filed.person(f"who questions {prompt_id}")
    challenge = filed.file(chain, prompt_id, "replayed-text", by=by, now=now, other=str(UNTOUCHED))
    number, own = challenge.number, filed.act(Role.CHALLENGER, by.name, person=by.id, now=now)
    acting.accept(number, filed.act(Role.ARBITER, "one", now=now))
    acting.respond(number, filed.act(Role.RESPONDENT, "the writer", now=now), words="It was corrected.")
    acting.add_evidence(number, own, words="See both.", links=f"{chain.rid}:{DELETED}.1")
    acting.publish(number, filed.act(Role.MODERATOR, "who looks", now=now))
    decide(number, filed.act(Role.ARBITER, "one", now=now), "two", resolution=Resolution.INCONCLUSIVE)
    acting.appeal(number, own, ground=AppealGround.PROCEDURE, words=APPEAL)
    return Challenge.objects.get(number=number)


def _decided(chain: ChainView) -> Challenge:
    """One that its check finds, so that one arbiter decides it."""
    now = timezone.now()
    challenge = filed.file(chain, DELETED, "record-deleted", by=filed.person("who saw it"), now=now)
    acting.respond(challenge.number, filed.act(Role.RESPONDENT, now=now), words="It was to go.")
    decide(challenge.number, filed.act(Role.ARBITER, "one", now=now))
    return Challenge.objects.get(pk=challenge.pk)


def _asked(chain: ChainView) -> Challenge:
    now = timezone.now()
    by = filed.person("who is asked")
    challenge = filed.file(chain, UNTOUCHED, "replayed-text", by=by, now=now, other=str(EDITED))
    arbiter = filed.act(Role.ARBITER, "one", now=now)
    return acting.ask(challenge.number, arbiter, missing=["other", "statement"], words="Which words?")


def _alone(chain: ChainView) -> Challenge:
    """One that a check finds, and whose challenger withdrew it."""
    by = filed.person("who withdrew")
    challenge = filed.file(chain, EDITED, by=by, now=timezone.now())
    return acting.withdraw(challenge.number, filed.act(Role.CHALLENGER, by.name, person=by.id), words="")


def _found(chain: ChainView) -> Challenge:
    by = filed.person("who saw both")
    challenge = filed.file(chain, DELETED, "replayed-text", by=by, now=timezone.now(), other=str(EDITED))
    (kept,) = [each for each in challenge.snapshot["checks"] if each["check"] == "replayed-text"]
    kept |= {"result": "fail", "reason": "replayed", "values": {"other_record": str(EDITED)}}
    challenge.save()
    return challenge


@pytest.fixture(autouse=True)
def _taking(settings: Settings) -> None:
    """The site takes challenges."""
    settings.CHALLENGES = True


def at(challenge: Challenge) -> str:
    return f"/challenges/{challenge.name}"


def said_where(challenge: Challenge, text: str) -> set[str]:
    """The addresses that say it, of all that tell of a challenge."""
    paths = [at(challenge), f"/api/v1{at(challenge)}", f"/api/v1{at(challenge)}/events", "/challenges",
             f"/feeds{at(challenge)}", "/feeds/challenges", "/challenges/export",
             "/challenges/export?format=ndjson"]  # fmt: skip
    return {path for path in paths if text in get(path).content.decode()}


def test_the_reasons_of_an_appeal_wait_to_be_looked_through_and_its_ground_does_not(
    every: Mapping[str, Challenge],
) -> None:
    challenge = every["waiting"]
    assert said_where(challenge, APPEAL) == set()
    text = page(at(challenge))
    assert text.count("The ground that is given: the procedure was not followed.") == 2  # there, and in time
    assert "What was written is shown once somebody has looked it through." in words(get(at(challenge)))
    (appeal,) = told(at(challenge))["appeals"]
    assert (appeal["silence"], appeal["words"]) == ("waiting", {})


@pytest.mark.django_db(databases=["default", "desk"])
@withheld
def test_the_reasons_of_an_appeal_are_shown_until_words_are_withheld_that_they_may_repeat(
    act: Act, every: Mapping[str, Challenge], chain: ChainView
) -> None:
    challenge = every["appealed"]
    public = {at(challenge), f"/api/v1{at(challenge)}", f"/api/v1{at(challenge)}/events"}
    assert said_where(challenge, APPEAL) == public
    (appeal,) = told(at(challenge))["appeals"]
    assert (appeal["role"], appeal["words"]) == ("challenger", {"reasons": APPEAL})
    assert appeal["facts"] == {"ground": "procedure", "status": "appealed"}
    assert told(at(challenge))["checks"][0]["then"]["reason"] == "short"
    answer = record(chain, UNTOUCHED).current.answer  # of the record that is named beside its own
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    assert said_where(challenge, APPEAL) == set()
    after = told(at(challenge))
    assert after["appeals"][0]["silence"] == "with-record"
    then = after["checks"][0]["then"]  # may rest on words of the other record
    why = "erased" if act is erase else "untold"
    assert (then["result"], then["reason"], then["values"]) == ("unknown", why, {})
    assert after["changes"] == []


@pytest.mark.django_db(databases=["default", "desk"])
@withheld
def test_what_a_check_found_in_another_record_goes_with_it_before_anybody_looked_at_the_filing(
    act: Act, every: Mapping[str, Challenge], chain: ChainView
) -> None:
    path = at(every["found"])
    (event, *_) = told(f"{path}/events")["results"]
    assert event["words"] == {}  # nobody reads there which record it names
    then = told(path)["checks"][0]["then"]
    assert (then["reason"], then["values"]) == ("replayed", {"other_record": str(EDITED)})
    answer = record(chain, EDITED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    then = told(path)["checks"][0]["then"]
    assert (then["result"], then["reason"], then["values"]) == ("unknown", "untold", {})


def test_a_decision_gives_rules_checks_reasons_in_their_order_and_how_to_appeal(
    every: Mapping[str, Challenge],
) -> None:
    assert [each.name for each in fields(Reasons)] == list(REASONS)
    text = words(get(at(every["appealed"])))
    decision = text[text.index("Decision") : text.index("Timeline")]
    titles = ("Ground", *REASONS.values(), "Checks then", "Appeal")
    places = [decision.index(f" {title} ") for title in titles]
    assert places == sorted(places)
    assert f"by version {registry.VERSION} of the rules" in decision
    assert f", version {by_name()['replayed-text'].version}: does not apply." in decision
    assert "It is appealed: see below." in decision
    found = told(at(every["appealed"]))
    assert (found["rules_version"], len(found["decisions"][0]["facts"]["checks"])) == (registry.VERSION, 1)
    assert registry.version_of(bytes(32)) is None
    settled = words(get(at(every["decided"])))
    assert "may appeal once each, by " in settled
    assert "if there is evidence that could not be had before; " in settled


@pytest.mark.django_db(databases=["default", "desk"])
@withheld
def test_what_a_check_said_by_withheld_words_is_not_told_by_the_decision(
    act: Act, every: Mapping[str, Challenge], chain: ChainView
) -> None:
    path = f"{at(every['appealed'])}/events"
    (said,) = [each for event in told(path)["results"] for each in event["facts"].get("checks", ())]
    assert (said["check"], said["result"]) == ("replayed-text", "not-applicable")
    answer = record(chain, EDITED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    (after,) = [each for event in told(path)["results"] for each in event["facts"].get("checks", ())]
    assert after == {**said, "result": "unknown", "reason": "untold"}
    (decision,) = told(at(every["appealed"]))["decisions"]
    assert decision["facts"]["checks"] == [after]
    shown_now = words(get(at(every["appealed"])))
    assert ": not known. Not told while words of the record are withheld." in shown_now


def test_what_a_ground_asks_is_shown_as_a_question_with_a_link_to_the_record_that_is_named(
    every: Mapping[str, Challenge], chain: ChainView
) -> None:
    text = page(at(every["appealed"]))
    (question,) = (each for each in registry.by_name()["replayed-text"].fields if each.name == "other")
    link = f'<a href="/chains/{chain.rid}/records/{UNTOUCHED}">record #{UNTOUCHED}</a>'
    assert f'<p class="quiet">{question.label}</p><p>{link}</p>' in text


def test_what_was_written_to_a_question_is_verbatim_and_folds_what_is_private() -> None:
    row: Any = SimpleNamespace(ground=registry.by_name()["truncated"], brid=bytes(32))
    (answer,) = challenge_tags.answers({"ending": "**a** ada@example.org", "statement": "b"}, row)
    assert (answer.words, answer.is_words) == ("**a** ada@example.org", True)
    assert challenge_tags.free_words({"ending": "a", "statement": "b", "links": "c"}, row) == ["b"]
    counts: Any = SimpleNamespace(ground=registry.by_name()["usage-implausible"], brid=bytes(32))
    (choice,) = challenge_tags.answers({"number": "total"}, counts)
    assert choice.words == (counts.ground.fields[0].choices or {})["total"]


def test_what_can_be_done_once_is_not_offered_again(every: Mapping[str, Challenge]) -> None:
    for name, can, cannot in (
        ("found", ("join", "withdraw"), ("appeal",)),
        ("alone", ("join", "evidence"), ("withdraw", "appeal")),
        ("appealed", (), ("join", "appeal", "withdraw")),
        ("decided", ("appeal",), ("join", "withdraw")),
    ):
        path = at(every[name])
        text = page(path)
        assert all(f'href="/my{path}/{act}"' in text for act in can), name
        assert not any(f'href="/my{path}/{act}"' in text for act in cannot), name
        assert ("goes on without them" in text) is (name == "alone")


def test_evidence_has_a_number_a_hash_and_a_size(every: Mapping[str, Challenge]) -> None:
    text = page(at(every["appealed"]))
    evidence = text[text.index('id="evidence"') : text.index('id="decision"')]
    (said,) = told(at(every["appealed"]))["evidence"]
    assert f'href="#event-{said["event"]}">event {said["event"]}</a>' in evidence
    assert f"{said['bytes']} bytes of words" in evidence
    assert said["bytes"] == sum(map(len, said["words"].values()))
    assert said["payload_sha256"] in evidence.replace("<wbr>", "").upper()


def test_what_is_asked_for_is_named_as_the_form_does(every: Mapping[str, Challenge]) -> None:
    text = words(get(at(every["asked"])))
    assert "Asked for: Which other record? What do you want to say? Which words?" in text


def test_what_a_check_says_by_other_records_is_no_change_of_the_record(
    every: Mapping[str, Challenge], monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = every["decided"]
    found = challenges.challenge(challenge.number, now=timezone.now())
    assert found.changes == []
    says = [replace(each, reason="own-text") for each in found.then.checks if each.check == "replayed-text"]
    before = replace(found.then, checks=says)
    assert found.now is not None
    changed = challenge_changes.changes(before, found.now)
    assert [(each.check, each.then) for each in changed] == [("replayed-text", "own-text")]
    monkeypatch.setattr(challenges, "changes", lambda then, now: changed)
    text = words(get(at(challenge)))
    assert "The record has changed" not in text
    assert "The record is as it was when this was filed." in text
    assert "own-text" not in text
    assert f"when filed: {words_of('replayed-text', 'own-text')} Now: " in text
    moved = challenge_changes.changes(replace(found.then, revision_count=1), found.now)
    assert [each.what for each in moved if not each.check] == ["Revisions"]
    assert words_of("no-check-any-more", "own-text") == "own-text"
    assert words_of("replayed-text", "no-such-reason") == "no-such-reason"


def test_the_facts_stand_with_their_difference_and_can_be_made_again(
    every: Mapping[str, Challenge], chain: ChainView, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    text = page(at(every["appealed"]))
    facts = text[text.index('id="facts"') : text.index('id="checks"')]
    assert re.search(r"<del><span[^>]*>deleted: </span>round</del>|<del>.*round", facts)
    program = unescape(re.findall(r'data-copy="program">(.*?)</pre>', facts, re.DOTALL)[0])
    monkeypatch.setattr(
        urllib.request, "urlopen", lambda url: BytesIO(get(url.split("testserver")[1]).content)
    )
    exec(compile(program, "the program of the page", "exec"), {})
    printed = capsys.readouterr().out.split()
    assert printed == [each["result_sha256"] for each in told(at(every["appealed"]))["revisions"]]
    assert all(each in facts for each in printed)
    proofs = re.findall(r"/tx/([0-9A-F]{64})/([0-9A-F]{64})/confirmationProof", facts)
    assert {rid for rid, _ in proofs} == {chain.rid}
    for path in set(re.findall(r'href="([^"]*/raw[^"]*)" download', facts)):
        assert get(path).status_code == 200, path
    version = told(at(every["appealed"]))["version"]
    assert f"{at(every['appealed'])}, as of event {version} of" in text


def test_both_sides_stand_at_equal_size_and_who_is_questioned_comes_first(
    every: Mapping[str, Challenge],
) -> None:
    text = words(get(at(every["appealed"])))
    assert text.index("Who wrote it") < text.index("Who questions it")
    silent = words(get(at(every["asked"])))
    assert silent.index("Who questions it") < silent.index("Who wrote it")


@pytest.mark.django_db(databases=["default", "desk"])
@withheld
def test_no_difference_is_shown_of_words_that_are_withheld(
    act: Act, every: Mapping[str, Challenge], chain: ChainView
) -> None:
    answer = record(chain, EDITED).revisions[0].answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    assert not any(each in page(at(every["appealed"])) for each in ("earth", 'id="since"'))


@pytest.mark.django_db(databases=["default", "desk"])
@withheld
def test_whoever_answers_has_the_question_before_him_until_it_is_withheld(
    act: Act, every: Mapping[str, Challenge], chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = every["asked"]
    own = challenge.parties.get(role="challenger")
    monkeypatch.setattr(person, "person_of", lambda request: Person(own.person_id, own.name))
    path = f"/my{at(challenge)}/answer"
    text = words(get(path))
    assert "What is asked Which other record? What do you want to say? Which words?" in text
    mine = words(get("/my/challenges"))
    assert "Text given again more is asked for The challenger answers what is asked, by " in mine
    answer = record(chain, UNTOUCHED).current.answer
    assert answer is not None
    act(Suppression.Subject.CONTENT, answer.hash)
    after = words(get(path))
    assert "Which words?" not in after
    assert "What is asked Which other record? What do you want to say? Words of the record" in after
