"""Rows of lists as entries of feeds.

What was deleted or is withheld gives no word to an entry, nor does what an edit replaced: what a feed once
said stays with those who took it. All other words are the beginning that lists show, past the gate, and what
is private in the names of models and providers is named in brackets, as it is in those words.
"""

from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString

from explorer.pages.rendering import sanitize
from explorer.pages.rendering.atom import Entry
from explorer.pages.rendering.name_tags import model, provider_alone, scout
from explorer.pages.rendering.tags import challenge_status, change_kind, next_step, record_status
from explorer.pages.rendering.text_tags import snippet
from explorer.queries.chain.blocks import BlockRow
from explorer.queries.chain.chains import ChainView
from explorer.queries.chain.deeds import Deed, Did
from explorer.queries.db.private import blotted
from explorer.queries.db.texts import Snippet
from explorer.queries.groups.naming import hash_part_of
from explorer.queries.groups.presence_order import Kind
from explorer.queries.groups.present import Present
from explorer.queries.ledger.ledger import ChangeRow
from explorer.queries.ledger.ledger_filter import Change
from explorer.queries.prompts.asked import PromptRow
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status
from explorer.queries.site.challenge_events import EventRow
from explorer.queries.site.challenges import ChallengeRow
from explorer.rules import naming

_LONGEST = 100  # characters of a record's words in a title
_PAGES = {Kind.MODEL: "model", Kind.PROVIDER: "provider"}
_SET_BY = {Change.SIGNERS, Change.CODE, Change.SETTINGS}
_FACTS = "<p>{} \N{MIDDLE DOT} scout {} \N{MIDDLE DOT} block {}, {}</p>"


def of_record(row: RecordRow, on: str = "") -> Entry:
    """A record as it stands. ``on`` is what its chain is called, where there are several."""
    state = "" if row.status is Status.LIVE else f", {strip_tags(record_status(row))}"
    asked = "" if row.status is Status.DELETED else _beginning(row.prompt)
    return Entry(
        path=reverse("record", args=[row.rid, row.prompt_id]),
        title=f"Record #{row.prompt_id}{_on(on)}{state}{f': {asked}' if asked else ''}",
        words=SafeString(_facts(row, strip_tags(record_status(row))) + _words(row)),
        updated_at=max(row.block_at, row.changed_at or row.block_at),
        published_at=row.block_at,
    )


def of_challenge(row: ChallengeRow) -> Entry:
    """A challenge as it stands."""
    return Entry(
        path=reverse("challenge", args=[row.number]),
        title=f"Challenge {row.name}, record #{row.prompt_id}: {strip_tags(challenge_status(row))}",
        words=format_html("<p>{}. {}</p>", row.ground.title, _next(row)),
        updated_at=row.changed_at,
        published_at=row.filed_at,
    )


def of_challenge_event(row: ChallengeRow, event: EventRow) -> Entry:
    """Something that happened to a challenge, without a word that somebody wrote; with the newest event what
    comes next, and by when.
    """
    path = reverse("challenge", args=[row.number])
    further = format_html("<p>{}</p>", _next(row)) if event.ordinal == row.version else ""
    return Entry(
        path=f"{path}#event-{event.ordinal}",
        title=f"{row.name}: {event.sentence}",
        words=format_html("<p>{} By {}.</p>{}", event.sentence, event.actor_ref, further),
        updated_at=event.at,
        name=f"{path}/events/{event.ordinal}",
    )


def of_adding(row: RecordRow) -> Entry:
    """That a record was written, and not what it says: that may be replaced."""
    path = reverse("record", args=[row.rid, row.prompt_id])
    return Entry(
        path=path,
        title=f"Record #{row.prompt_id} written",
        words=_facts(row, "written"),
        updated_at=row.block_at,
        name=f"{path}/written",
    )


def of_change(row: ChangeRow, on: str = "") -> Entry:
    """A change of the ledger: what was changed, and who signed it."""
    ledger = reverse("ledger", args=[row.rid])
    what = f"Block {row.height:,}: " if row.prompt_id is None else f"Record #{row.prompt_id} "
    named = row.kind.value if row.prompt_id is None else str(row.prompt_id)
    return Entry(
        path=_page_of(row),
        title=f"{what}{strip_tags(change_kind(row))}{_on(on)}",
        words=format_html("<p>{}</p>", _signed(row)),
        updated_at=row.at,
        name=f"{ledger}/{row.position}/{named}",
    )


def of_block(row: BlockRow, chain: ChainView, on: str = "") -> Entry:
    """A block, and what it did. ``on`` is what its chain is called, where there are several."""
    did = ", ".join(map(_did, row.deeds)) or "nothing to a record"
    count = f"{row.transactions:,} transaction{'' if row.transactions == 1 else 's'}"
    return Entry(
        path=reverse("block", args=[chain.rid, row.height]),
        title=f"Block {row.height:,}{_on(on)}: {did}",
        words=format_html("<p>{}, block RID {}</p>", count, row.rid.hex().upper()),
        updated_at=row.at,
    )


def of_prompt(row: PromptRow, on: str = "") -> Entry:
    """A prompt of a chain by its newest record, which tells its words where that was not deleted."""
    figures = row.figures
    path = reverse("prompt", args=[figures.prompt])
    named = f"Prompt {figures.prompt.hex().upper()[:8]}\N{HORIZONTAL ELLIPSIS}"
    asked = "" if row.newest.status is Status.DELETED else _beginning(row.newest.prompt)
    newest = format_html("<p>Its newest record: #{}{}</p>", row.newest.prompt_id, _on(on))
    return Entry(
        path=path,
        title=f"{named}{_on(on)}{f': {asked}' if asked else ''}",
        words=newest,
        updated_at=row.newest.block_at,
        name=f"{path}/{row.chain.rid}",
    )


def of_presence(row: Present, on: str = "") -> Entry:
    """A model, provider or scout since it was named first."""
    if row.chain is not None:
        path, shown = reverse("scout", args=[row.chain.rid, row.name]), scout(int(row.name))
    else:
        part = row.part if _public(row.name) == row.name else hash_part_of(str(row.name))
        path, shown = reverse(_PAGES[row.kind], args=[part]), provider_alone(_public(row.name))
    return Entry(
        path=path,
        title=f"{named(row)}{_on(on)}",
        words=format_html("<p>Named for the first time by a record: {}</p>", shown),
        updated_at=row.first_at,
    )


def named(row: Present) -> str:
    """What it is, and its name."""
    name = sanitize.line(_public(row.name), limit=_LONGEST).strip()
    return f"{row.kind.value.capitalize()} {name or 'without a name'}"


def _next(row: ChallengeRow) -> str:
    """What comes next in a challenge, and until when evidence is in time."""
    if row.duplicate_of is not None:
        return f"It goes on as challenge {naming.name_of(row.duplicate_of)}."
    time = row.evidence
    if time is None or time.is_past:
        return next_step(row)
    return f"{next_step(row)} Evidence is in time until {time.by:%Y-%m-%d %H:%M UTC}."


def _public(name: str | int) -> str:
    """A name without what is private in it."""
    return blotted(str(name))


def _facts(row: RecordRow, state: str) -> SafeString:
    served, height = model(_public(row.model), _public(row.provider)), f"{row.height:,}"
    return format_html(_FACTS, served, scout(row.scout), height, state)


def _words(row: RecordRow) -> SafeString:
    """What it asks and answers now; nothing of what was deleted."""
    if row.status is Status.DELETED:
        return SafeString("")
    return format_html(
        "<p>Prompt: {}</p><p>{}: {}</p>",
        snippet(row.prompt),
        "Answer" if row.status is Status.LIVE else "Present answer",
        snippet(row.answer),
    )


def _beginning(given: Snippet) -> str:
    """So much of a text as a title holds; nothing of what is withheld."""
    return "" if given.withheld is not None else sanitize.line(given.text, limit=_LONGEST)


def _on(chain: str) -> str:
    return f" on {sanitize.line(chain, limit=40)}" if chain else ""


def _page_of(row: ChangeRow) -> str:
    if row.prompt_id is not None:
        return reverse("record", args=[row.rid, row.prompt_id])
    if row.kind in _SET_BY:
        return reverse("configuration", args=[row.rid, row.height])
    return reverse("block", args=[row.rid, row.height])


def _signed(row: ChangeRow) -> str:
    """In which transaction, and by whose keys."""
    if row.transaction is None:
        return "Set by the network: no transaction does it."
    keys = [each.hex().upper() for each in row.signers]
    signed = f"signed by {', '.join(keys[:8])}" if keys else "signed by no key"
    more = f" and {len(keys) - 8} more" if len(keys) > 8 else ""
    allowed = "" if row.allowed is None else "; not by the key allowed to write at that time"
    if row.allowed is not None and not row.is_by_another:
        allowed = f"; the key allowed to write at that time is {row.allowed.hex().upper()}"
    return f"Transaction {row.transaction.hex().upper()}, {signed}{more}{allowed}."


def _did(deed: Deed) -> str:
    if deed.did is Did.CHANGED_OWNER:
        return "changed who may write"
    one = f"#{deed.prompt_id}" if deed.count == 1 and deed.is_exact else ""
    many = f"{'' if deed.is_exact else 'at least '}{deed.count:,}"
    return f"{deed.did.verb} {one or many}{deed.did.how}"
