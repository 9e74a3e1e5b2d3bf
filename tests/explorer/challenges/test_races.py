"""What many do at once, as the web server's roles and within its limits of time."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from explorer.accounts import personal_data
from explorer.accounts.models import Account
from explorer.challenges import acting, drafts, events, files, filing, own_words
from explorer.challenges.files import Place, Upload
from explorer.challenges.filing import Duplicate, Filing
from explorer.challenges.inspection import NotTaken
from explorer.challenges.models import Challenge, Draft, Event, EvidenceFile
from explorer.challenges.person import Person
from explorer.challenges.target import questioned
from explorer.queries.chain.chains import ChainView
from explorer.rules import registry
from explorer.rules.evidence import MOST_FILES
from explorer.rules.lifecycle import NotAllowed, Role
from tests.explorer import shown
from tests.explorer.challenges import filed
from tests.explorer.challenges.api.sending import Program
from tests.explorer.challenges.filed import DAY, NOW, WHY

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
MANY = 50
_CONNECTIONS = 16


@pytest.fixture
def chain(transactional_db: None) -> Iterator[ChainView]:
    yield shown.index_made(filed.made_chain())
    shown.forget()


@pytest.fixture
def people(transactional_db: None) -> list[Person]:
    return [filed.person(f"person {number}") for number in range(MANY)]


def at_once(act: Callable[[int], Any], count: int) -> list[Any]:
    """What each gives or raises; so many at a time as a busy site has connections."""

    def one(number: int) -> Any:
        try:
            return act(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(min(count, _CONNECTIONS)) as pool:
        return list(pool.map(one, range(count)))


def test_fifty_who_file_the_same_make_one_challenge_and_are_offered_to_join(
    chain: ChainView, people: list[Person], as_web: None
) -> None:
    begun = [filed.draft(chain, by=each) for each in people]
    about = questioned(drafts.target_of(begun[0]))
    whole = Filing(registry.by_name()["result-altered"], {}, WHY)
    outcomes = at_once(
        lambda number: filing.file(begun[number], whole, about, person=people[number], now=NOW), MANY
    )
    numbers = [each for each in outcomes if isinstance(each, int)]
    duplicates = [each.number for each in outcomes if isinstance(each, Duplicate)]
    assert len(numbers) == 1, outcomes
    assert duplicates == numbers * (MANY - 1), outcomes
    assert Challenge.objects.count() == Event.objects.count() == 1
    assert Draft.objects.filter(challenge=None).count() == MANY - 1


def test_fifty_programs_that_file_the_same_make_one_challenge_and_are_offered_to_join(
    chain: ChainView, people: list[Person], as_web: None, settings: Settings
) -> None:
    settings.CHALLENGES = True
    programs = [Program(each) for each in people[:5]]
    body = {"record": f"{chain.rid}:1", "ground": "result-altered", "statement": WHY}
    answers = at_once(lambda number: programs[number % 5].post("/challenges", body), MANY)
    assert Counter(each.status_code for each in answers) == {201: 1, 409: MANY - 1}
    assert {each.json()["number"] for each in answers} == {Challenge.objects.get().name}
    assert (Event.objects.count(), Draft.objects.count()) == (1, 1)


def test_one_draft_sent_many_times_is_one_challenge(
    chain: ChainView, people: list[Person], as_web: None
) -> None:
    draft = filed.draft(chain, by=people[0])
    about = questioned(drafts.target_of(draft))
    whole = Filing(registry.by_name()["malformed"], {}, WHY)
    outcomes = at_once(lambda _: filing.file(draft, whole, about, person=people[0], now=NOW), 8)
    assert outcomes == [Challenge.objects.get().number] * 8
    assert [each.words for each in own_words.of_person(people[0].id)] == [{"statement": WHY}]


def test_whoever_deletes_his_account_while_he_files_is_not_named(
    chain: ChainView, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, account = filed.draft(chain, by=people[0]), Account.objects.get(pk=people[0].id)
    about = questioned(drafts.target_of(draft))
    whole = Filing(registry.by_name()["malformed"], {}, WHY)

    def delete() -> None:
        try:
            personal_data.delete(account, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        deleting: list[Future[None]] = []

        def close(*of: Any, **named: Any) -> None:
            """At the end of the filing, whose author is written down by now."""
            closed(*of, **named)
            deleting.append(pool.submit(delete))
            wait(deleting, timeout=0.5)

        closed = drafts.close
        monkeypatch.setattr(drafts, "close", close)
        filing.file(draft, whole, about, person=people[0], now=NOW)
        deleting[0].result()
    party = Challenge.objects.get().parties.get()
    assert (party.name, party.person_id) == ("", None)


def test_of_many_who_join_and_one_who_withdraws_the_history_is_in_one_order(
    chain: ChainView, people: list[Person], as_web: None
) -> None:
    challenge = filed.file(chain, filed.UNTOUCHED, by=people[0])

    def act(number: int) -> Any:
        if number == 0:
            own = filed.act(Role.CHALLENGER, person=people[0].id)
            return acting.withdraw(challenge.number, own, words="")
        return acting.join(
            challenge.number, filed.act(Role.JOINER, f"j{number}", person=people[number].id), words=WHY
        )

    outcomes = at_once(act, 10)
    assert all(isinstance(each, Challenge | NotAllowed) for each in outcomes), outcomes
    challenge.refresh_from_db()
    done = sum(isinstance(each, Challenge) for each in outcomes)
    assert (challenge.status, challenge.version, challenge.joined) == ("closed", 1 + done, done - 1)
    assert list(challenge.events.order_by("ordinal").values_list("seq", flat=True)) == list(
        range(1, done + 2)
    )


def test_what_happens_by_itself_happens_once(chain: ChainView, people: list[Person]) -> None:
    challenge = filed.file(chain, by=people[0])
    later = challenge.elapses_at
    assert later is not None
    outcomes = at_once(lambda _: acting.elapse(now=later), 6)
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 1]
    challenge.refresh_from_db()
    assert (challenge.status, challenge.entered_at) == ("review", later)
    assert list(events.faults(challenge)) == []


def test_what_a_program_sends_many_times_at_once_is_done_once(
    chain: ChainView, people: list[Person], as_web: None, settings: Settings
) -> None:
    settings.CHALLENGES = True
    program = Program(people[0])
    body = {"record": f"{chain.rid}:1", "ground": "result-altered", "statement": WHY}
    answers = at_once(lambda _: program.post("/challenges", body, Idempotency_Key="one"), 8)
    assert [each.status_code for each in answers] == [201] * 8, [each.content for each in answers]
    assert len({each.content for each in answers}) == 1
    assert (Challenge.objects.count(), Event.objects.count()) == (1, 1)


def test_of_many_files_that_one_sends_at_once_no_more_wait_than_may_and_all_are_filed(
    chain: ChainView, people: list[Person], as_web: None, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    draft = filed.draft(chain, by=people[0])
    place = Place(people[0].id, draft=draft.pk)
    outcomes = at_once(
        lambda number: files.add(place, Upload("a.txt", b"%d" % (number // 2)), now=NOW), 3 * MOST_FILES
    )
    assert outcomes.count(None) == MOST_FILES, outcomes
    assert all(each is None or isinstance(each, NotTaken) for each in outcomes), outcomes
    about = questioned(drafts.target_of(draft))
    filing.file(draft, Filing(registry.by_name()["malformed"], {}, WHY), about, person=people[0], now=NOW)
    event = Event.objects.get()
    assert [event.files.count(), len([each for each in tmp_path.rglob("*") if each.is_file()])] == [
        MOST_FILES
    ] * 2
    with pytest.raises(NotTaken, match="filed meanwhile"):
        files.add(place, Upload("a.txt", b"late"), now=NOW)


@pytest.mark.parametrize("remover", ["whoever sent it", "the sweep", "a deletion"])
def test_a_file_that_is_sent_while_somebody_removes_it_keeps_its_bytes(
    remover: str, chain: ChainView, people: list[Person], monkeypatch: pytest.MonkeyPatch,
    settings: Settings, tmp_path: Path,
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    challenge = filed.file(chain, by=people[0])
    place = Place(people[0].id, challenge=challenge.number)
    files.add(place, Upload("a.txt", b"evidence"), now=NOW)
    (waiting,) = place.waiting()
    remove: Callable[[], Any] = {
        "whoever sent it": lambda: files.remove(place, [waiting.pk]),
        "the sweep": lambda: files.sweep(now=NOW + 15 * DAY),
        "a deletion": lambda: personal_data.delete(Account.objects.get(pk=people[0].id), now=NOW),
    }[remover]
    removing: list[Future[list[Any]]] = []

    def bind(*of: Any) -> None:
        """Once the files that go with it are known, and before they are its own."""
        removing.append(pool.submit(at_once, lambda _: remove(), 1))
        wait(removing, timeout=0.5)
        bound(*of)

    bound = files.bind
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(files, "bind", bind)
        own = filed.act(Role.CHALLENGER, person=people[0].id)
        acting.add_evidence(challenge.number, own, words=WHY, waiting=place.waiting())
        (outcome,) = removing[0].result()
    assert not isinstance(outcome, Exception), outcome
    file = EvidenceFile.objects.exclude(event=None).get()
    assert (tmp_path / file.stored).read_bytes() == b"evidence"
