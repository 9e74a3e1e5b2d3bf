"""Filing: once, with a number, a snapshot and an event, and unless the same is challenged already."""

from datetime import timedelta
from typing import Any

import pytest

from explorer.accounts import personal_data
from explorer.accounts.models import Account
from explorer.challenges import acting, drafts, events, filers, filing
from explorer.challenges.filers import TooMany, filer_of
from explorer.challenges.filing import Duplicate, Filing, TooManyOfScout
from explorer.challenges.models import Challenge, Draft, Event, Party, Payload
from explorer.challenges.person import Person
from explorer.challenges.target import Target, questioned
from explorer.desk.models import OutboxEntry, Quota
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import NotHere
from explorer.queries.records.snapshots import Snapshot
from explorer.rules import registry
from explorer.rules.lifecycle import CloseReason, Role
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import BROKEN, DAY, DELETED, EDITED, NOW, UNTOUCHED, WHY

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


def test_a_finding_of_the_chain_opens_at_once_with_a_number_and_a_deadline(chain: ChainView) -> None:
    challenge = filed.file(chain, by=filed.person())
    assert challenge.name == "C-2026-000001"
    assert (challenge.status, challenge.is_confirmed) == ("open", True)
    assert challenge.elapses_at == NOW + timedelta(days=14)
    assert bytes(challenge.rules_sha256).hex().upper() == registry.sha256_hex()
    assert (bytes(challenge.brid), challenge.prompt_id) == (chain.brid, EDITED)
    asked = OutboxEntry.objects.filter(arguments={"number": challenge.number})
    assert asked.get().name == "mail_filed"


@pytest.mark.parametrize(
    ("prompt_id", "ground", "fields"),
    [
        (UNTOUCHED, "result-altered", {}),
        (EDITED, "writer-changed", {"transaction": "AB" * 32}),
        (EDITED, "truncated", {"ending": "is flat"}),
        (EDITED, "not-reproducible", {"runs": "3", "conditions": "here", "control": "2"}),
    ],
)
def test_what_no_check_of_the_chain_finds_is_screened_first(
    chain: ChainView, prompt_id: int, ground: str, fields: dict[str, Any]
) -> None:
    challenge = filed.file(chain, prompt_id, ground, by=filed.person(), **fields)
    assert (challenge.status, challenge.is_confirmed, challenge.elapses_at) == ("screening", False, None)


@pytest.mark.parametrize(("prompt_id", "ground"), [(DELETED, "record-deleted"), (BROKEN, "malformed")])
def test_other_findings_of_the_chain_open_too(chain: ChainView, prompt_id: int, ground: str) -> None:
    assert filed.file(chain, prompt_id, ground, by=filed.person()).status == "open"


def test_a_finding_in_a_block_whose_witness_was_not_checked_is_screened(
    chain: ChainView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Snapshot, "is_witnessed", False)
    assert filed.file(chain, by=filed.person()).status == "screening"


def test_what_is_kept_of_the_record_are_hashes_and_numbers_and_no_word(chain: ChainView) -> None:
    snapshot = filed.file(chain, by=filed.person()).snapshot
    assert [each["kind"] for each in snapshot["revisions"]] == ["add_prompt_history", "update_prompt_history"]
    assert {len(each["result_sha256"]) for each in snapshot["revisions"]} == {64}
    assert next(each for each in snapshot["checks"] if each["check"] == "altered")["result"] == "fail"
    kept = str(snapshot)
    assert not any(word in kept for word in ("earth", "flat", "chain?", "gemma", "groq"))


def test_the_first_event_holds_what_was_written_and_shows_it_to_nobody_yet(chain: ChainView) -> None:
    challenge = filed.file(chain, by=filed.person("mallow"))
    event = Event.objects.get()
    assert (event.seq, event.ordinal, event.type, event.actor_ref) == (1, 1, "file", "challenger-1")
    payload = Payload.objects.get()
    assert payload.words == {"statement": WHY}
    assert payload.facts["record"] == f"{chain.rid}:{EDITED}"
    assert payload.published_at is None
    assert Party.objects.get().name == "mallow"
    assert list(events.faults(challenge)) == []


def test_the_draft_keeps_no_word_once_it_is_filed(chain: ChainView) -> None:
    person = filed.person()
    begun = filed.draft(chain, by=person)
    drafts.write(begun, fields={"ending": "flat"}, statement=WHY, address="here", now=NOW)
    filing.file(begun, whole(), questioned(drafts.target_of(begun)), person=person, now=NOW)
    kept = Draft.objects.get()
    assert (kept.statement, kept.fields) == ("", {})
    drafts.write(begun, fields={}, statement=WHY, address="here", now=NOW)
    assert Draft.objects.get().statement == ""


def whole(ground: str = "result-altered") -> Filing:
    return Filing(registry.by_name()[ground], {}, WHY)


def test_a_draft_that_is_filed_twice_is_one_challenge(chain: ChainView) -> None:
    person = filed.person()
    begun = filed.draft(chain, by=person)
    about = questioned(drafts.target_of(begun))
    first = filing.file(begun, whole(), about, person=person, now=NOW)
    stale = filed.draft(chain, by=person)
    stale.id, stale.challenge_id = begun.id, None
    assert filing.file(stale, whole(), about, person=person, now=NOW) == first
    again = drafts.found(begun.id, person=person, now=NOW)
    assert filing.file(again, whole(), about, person=person, now=NOW) == first
    assert Challenge.objects.count() == Event.objects.count() == 1


def test_the_same_ground_of_the_same_record_is_challenged_once_until_that_is_over(chain: ChainView) -> None:
    first = filed.file(chain, UNTOUCHED, by=filed.person("one"))
    with pytest.raises(Duplicate, match="C-2026-000001") as refusal:
        filed.file(chain, UNTOUCHED, by=filed.person("two"))
    assert refusal.value.number == first.number
    filed.file(chain, UNTOUCHED, "malformed", by=filed.person("three"))
    screener = filed.act(Role.ARBITER)
    acting.refuse(first.number, screener, reason=CloseReason.OUT_OF_SCOPE, words="no")
    assert filed.file(chain, UNTOUCHED, by=filed.person("four")).name == "C-2026-000003"


def test_what_is_over_by_itself_is_in_the_way_of_nothing_whether_or_not_a_worker_came(
    chain: ChainView,
) -> None:
    own = filed.person("own")
    grounds = ("result-altered", "malformed", "time-inconsistent")
    first, *_ = [filed.file(chain, UNTOUCHED, each, by=own) for each in grounds]
    acting.ask(first.number, filed.act(Role.ARBITER), missing=["statement"], words="Which?")
    for later, is_pending in ((NOW + 14 * DAY - DAY / 100, True), (NOW + 14 * DAY, False)):
        about = questioned(Target(chain.brid, UNTOUCHED))
        known = filing.pending(about, registry.by_name()["result-altered"], now=later)
        assert (known, filer_of(own, now=later).pending) == ((first.number, 3) if is_pending else (None, 2))
    again = filed.file(chain, UNTOUCHED, by=own, now=NOW + 14 * DAY)
    first.refresh_from_db()
    assert (first.status, first.close_reason, again.status) == ("closed", "incomplete", "screening")
    assert list(events.faults(first)) == []


def test_numbers_begin_again_with_each_year(chain: ChainView) -> None:
    person = filed.person()
    filed.file(chain, by=person)
    later = filed.file(chain, UNTOUCHED, by=person, now=NOW + 60 * DAY)
    assert later.name == "C-2027-000001"
    assert Event.objects.order_by("-seq")[0].seq == 2


def test_whoever_is_new_has_three_pending_and_four_in_a_month(chain: ChainView) -> None:
    person = filed.person()
    grounds = ("result-altered", "malformed", "time-inconsistent", "peer-outlier", "usage-implausible")
    own = filed.act(Role.CHALLENGER, person=person.id)
    first, *_ = [filed.file(chain, UNTOUCHED, each, by=person) for each in grounds[:3]]
    with pytest.raises(TooMany, match="3 challenges of yours are pending"):
        filed.file(chain, UNTOUCHED, grounds[3], by=person)
    acting.withdraw(first.number, own, words="")
    fourth = filed.file(chain, UNTOUCHED, grounds[3], by=person)
    acting.withdraw(fourth.number, own, words="")
    with pytest.raises(TooMany, match="4 challenges in the last 30 days"):
        filed.file(chain, UNTOUCHED, grounds[4], by=person)
    assert filed.file(chain, UNTOUCHED, grounds[4], by=person, now=NOW + 31 * DAY).pk
    assert OutboxEntry.objects.filter(name="mail_filed").count() == 5


def test_what_was_withdrawn_is_not_pending_also_where_it_goes_on(chain: ChainView) -> None:
    person = filed.person()
    own = filed.act(Role.CHALLENGER, person=person.id)
    confirmed = filed.file(chain, by=person)
    for ground in ("malformed", "peer-outlier"):
        filed.file(chain, UNTOUCHED, ground, by=person)
    assert "3 challenges of yours are pending" in (filers.refusal(person, now=NOW) or "")
    assert acting.withdraw(confirmed.number, own, words="").status == "open"
    assert filers.refusal(person, now=NOW) is None


def test_whoever_opens_his_account_again_files_no_more_than_before(chain: ChainView) -> None:
    grounds = iter(("result-altered", "malformed", "time-inconsistent", "peer-outlier", "usage-implausible"))

    def of_mail() -> Account:
        return Account.objects.of_mail("me@example.org", now=NOW)

    def again() -> Challenge:
        by = of_mail()
        filed_now = filed.file(chain, UNTOUCHED, next(grounds), by=Person(by.pk, str(by)))
        personal_data.delete(by, now=NOW)
        return filed_now

    assert len({again().pk for _ in range(4)}) == 4
    with pytest.raises(TooMany, match="whoever has your e-mail address"):
        again()
    assert Account.objects.filter(deleted_at=None).count() == 1
    assert "me@example.org" not in str(list(Quota.objects.values()))


@pytest.mark.parametrize(
    ("resolution", "reason", "pending", "lately"),
    [("upheld", "", 5, 6), ("not-upheld", "", 3, 4), ("inconclusive", "", 3, 4), ("", "spam", 2, 3)],
)
def test_what_was_upheld_lets_one_file_more_and_what_was_not_costs_nothing(
    chain: ChainView, resolution: str, reason: str, pending: int, lately: int
) -> None:
    person = filed.person()
    challenge = filed.file(chain, by=person)
    Challenge.objects.filter(pk=challenge.pk).update(
        status="closed" if reason else "final", resolution=resolution, close_reason=reason
    )
    filer = filer_of(person, now=NOW)
    assert (filer.most_pending, filer.most_lately) == (pending, lately)


def test_one_scout_is_not_challenged_on_one_ground_by_the_dozen(chain: ChainView) -> None:
    for number in range(filing.MOST_OF_SCOUT):
        Challenge.objects.filter(pk=filed.file(chain, UNTOUCHED, by=filed.person(f"p{number}")).pk).update(
            prompt_id=1_000 + number
        )
    with pytest.raises(TooManyOfScout):
        filed.file(chain, UNTOUCHED, by=filed.person())
    assert filed.file(chain, UNTOUCHED, "malformed", by=filed.person("other")).pk


def test_a_draft_is_for_whoever_has_the_link_until_somebody_signs_in(chain: ChainView) -> None:
    one, other = filed.person("one"), filed.person("other")
    begun = filed.draft(chain)
    assert drafts.found(begun.id, person=None, now=NOW).pk == begun.pk
    assert drafts.found(begun.id, person=one, now=NOW).person_id == one.id
    assert drafts.found(begun.id, person=one, now=NOW).pk == begun.pk
    for somebody in (None, other):
        with pytest.raises(NotHere):
            drafts.found(begun.id, person=somebody, now=NOW)


def test_a_draft_that_nobody_goes_on_with_is_gone_after_two_weeks(chain: ChainView) -> None:
    begun = filed.draft(chain)
    drafts.write(begun, fields={}, statement=WHY, address="here", now=NOW + DAY)
    assert drafts.expire(now=NOW + 14 * DAY) == 0
    with pytest.raises(NotHere):
        drafts.found(begun.id, person=None, now=NOW + 15 * DAY)
    assert drafts.expire(now=NOW + 15 * DAY) == 1


def test_a_draft_is_not_kept_for_ever_by_writing_to_it(chain: ChainView) -> None:
    begun = filed.draft(chain)
    for day in range(10, 90, 10):
        drafts.write(begun, fields={}, statement=WHY, address="here", now=NOW + day * DAY)
        assert drafts.expire(now=NOW + (day + 10) * DAY - DAY / 2) == 0
    assert drafts.expire(now=NOW + 90 * DAY) == 1
