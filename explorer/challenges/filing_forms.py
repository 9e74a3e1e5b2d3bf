"""The forms of a challenge, step by step. What is asked for on a ground is said by the ground alone."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from explorer.challenges.attaching import BESIDES, FIELD, files_field
from explorer.challenges.filing import Filing
from explorer.challenges.forms import SentForm, lines, without_cut
from explorer.challenges.links import LONGEST as LONGEST_LINKS
from explorer.challenges.links import MOST_LINKS, linked
from explorer.challenges.target import RULE, Target, is_here, target_named
from explorer.queries.chain.chains import chains
from explorer.rules import registry
from explorer.rules.ground import RECORD_PATTERN, Field, Ground, Kind, record_named
from explorer.rules.lifecycle import AppealGround

LONGEST_STATEMENT = 4_000
_LONGEST_NAME = 2_000
_LONGEST_KEPT = 16 * 1024
_LONG = 200  # characters, above which a text has lines
_RECORD = re.compile(RECORD_PATTERN)
_NUMBER = re.compile(r"#?([0-9]{1,18})")
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
_MONO = {"class": "mono", **_PLAIN}


class RecordForm(SentForm):
    """Which record is questioned."""

    record = forms.CharField(
        label="Which record?",
        help_text="The address of its page; or its chain's RID, a colon and its number; or its number alone, "
        "where there is one chain.",
        max_length=_LONGEST_NAME,
        error_messages={
            "required": "Give the address of the record's page.",
            "max_length": "Give the address of the record's page alone: this is too long for one.",
        },
        widget=forms.TextInput(attrs=_MONO),
    )

    def clean_record(self) -> Target:
        """The record, which is here."""
        target = _target(self.cleaned_data["record"])
        if target is None and _NUMBER.fullmatch(self.cleaned_data["record"].strip()):
            raise ValidationError("Give its chain too: there are several here, or none yet.")
        if target is None:
            raise ValidationError(f"This is no record: it {RULE}.")
        if not is_here(target):
            raise ValidationError(
                "This record is not indexed here: look at its chain, its number and its revision."
            )
        return target


class BeginForm(RecordForm):
    """The same, with what is to be looked at beside it, which the evidence form asks for again."""

    links = forms.CharField(required=False, max_length=LONGEST_LINKS, widget=forms.HiddenInput)


class GroundForm(SentForm):
    """Which ground it is. Private ones have another way."""

    ground = forms.ChoiceField(
        choices=[(each.name, each.title) for each in registry.public()],
        error_messages={
            "required": "Choose what you question.",
            "invalid_choice": "This is no ground of a challenge: choose one of these.",
        },
    )


class StatementForm(SentForm):
    """What somebody has to say: with a certain field, or none."""

    statement = forms.CharField(
        label="What do you want to say?",
        max_length=LONGEST_STATEMENT,
        error_messages={
            "required": "Say it in a sentence or two.",
            "max_length": f"At most {LONGEST_STATEMENT:,} characters fit, not %(show_value)s: shorten it.",
        },
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def clean_statement(self) -> str:
        """With the usual ends of lines, and letters composed: the same words are the same bytes."""
        return unicodedata.normalize("NFC", lines(str(self.cleaned_data["statement"])))


class AppealForm(StatementForm):
    """For what a decision is appealed, and the reasons."""

    field_order = ("ground", "statement")

    ground = forms.ChoiceField(
        label="For what do you appeal?",
        help_text="That one disagrees is no ground.",
        choices=[("", "choose one"), *((each.value, each.words) for each in AppealGround)],
        error_messages={
            "required": "Choose for what you appeal: that one disagrees is no ground.",
            "invalid_choice": "This is no ground of an appeal: choose one of these.",
        },
    )


class PointingForm(StatementForm):
    """The same with records and comparisons that are pointed at."""

    links = forms.CharField(
        label="Records, comparisons or files of this site to look at, if there are some",
        help_text=f"One a line, {MOST_LINKS} at most: the address of its page, or of a record its chain's "
        "RID, a colon and its number. Each stays what it is now, whatever is written later. A file that "
        "goes with another challenge is pointed at by its address, and not sent again.",
        required=False,
        max_length=LONGEST_LINKS,
        error_messages={"max_length": f"At most {LONGEST_LINKS:,} characters fit: leave some out."},
        widget=forms.Textarea(attrs={"rows": 3, **_MONO}),
    )

    def clean_links(self) -> str:
        """A line for each, pinned: see ``links.linked``."""
        return linked(self.cleaned_data["links"])


class AddEvidenceForm(PointingForm):
    """Something more to go by, with files."""

    besides = BESIDES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FIELD] = files_field()


class EvidenceForm(PointingForm):
    """What a ground asks for, and the statement. ``about`` is the record that is questioned."""

    field_order = None
    besides = BESIDES

    def __init__(
        self, ground: Ground, about: Target, data: Mapping[str, Any] | None, *,
        takes_files: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **kwargs)
        self._ground, self._about = ground, about
        statement, links = self.fields.pop("statement"), self.fields.pop("links")
        statement.help_text = f"{ground.asks} Markdown may be used; images are not shown."
        self.fields |= {each.name: without_cut(_field(each)) for each in ground.fields}
        self.fields |= {"statement": statement, "links": links}
        if takes_files:
            self.fields[FIELD] = files_field()

    def clean(self) -> None:
        """Records that are named must be there, and be other ones."""
        super().clean()
        for each in self._ground.fields:
            value = self.cleaned_data.get(each.name)
            if not value or each.kind is not Kind.RECORD:
                continue
            other = Target(*record_named(str(value), self._about.brid))
            if other == Target(self._about.brid, self._about.prompt_id):
                self.add_error(each.name, "This is the record itself: name another one.")
            elif not is_here(other):
                self.add_error(each.name, "This record is not indexed here: look at its number.")

    def filing(self) -> Filing:
        """What is filed, once it is valid."""
        given = self.cleaned_data
        names = [*(each.name for each in self._ground.fields), "links"]
        fields = {each: str(given[each]) for each in names if given[each] != ""}
        return Filing(self._ground, fields, given["statement"])

    def typed(self) -> dict[str, str]:
        """What was typed into the fields, but for the statement, right or wrong."""
        names = [*(each.name for each in self._ground.fields), "links"]
        return {each: kept(self.data.get(each, "")) for each in names}


def typed_statement(data: Mapping[str, Any]) -> str:
    """What was typed as the statement, right or wrong, as far as the tables take it."""
    return kept(data.get("statement", ""))


def kept(text: Any) -> str:
    """What was typed into a field, as far as the tables take it."""
    return str(text).replace("\0", "")[:_LONGEST_KEPT]


def _target(text: str) -> Target | None:
    """The record that is meant: also by its number, where there is one chain."""
    number = _NUMBER.fullmatch(text.strip())
    known = [] if number is None else chains()
    return Target(known[0].brid, int(number[1])) if number and len(known) == 1 else target_named(text)


def _field(asked: Field) -> forms.Field:
    said: dict[str, Any] = {
        "label": asked.label, "help_text": asked.hint, "required": asked.is_required,
    }  # fmt: skip
    missing = {"required": f"{asked.label} This is needed on this ground."}
    match asked.kind:
        case Kind.NUMBER:
            return forms.IntegerField(
                **said, min_value=asked.least, max_value=asked.most,
                error_messages={
                    **missing, "invalid": "Give a whole number, in digits.",
                    "min_value": f"Give a number that is {asked.least:,} or more.",
                    "max_value": f"Give a number that is {asked.most:,} or less.",
                },
                widget=forms.TextInput(attrs={"inputmode": "numeric", **_PLAIN}),
            )  # fmt: skip
        case Kind.CHOICE:
            choices = [("", "choose one"), *(asked.choices or {}).items()]
            return forms.ChoiceField(
                **said, choices=choices,
                error_messages={**missing, "invalid_choice": "This is none of these: choose one."},
            )  # fmt: skip
        case Kind.RECORD:
            wrong = "Give a record's number, as 4711; of another chain, its RID and a colon before it."
            return forms.RegexField(
                _RECORD, **said, max_length=90, error_messages={**missing, "invalid": wrong},
                widget=forms.TextInput(attrs=_MONO),
            )  # fmt: skip
        case Kind.TRANSACTION:
            wrong = "A transaction RID has 64 hex digits: copy all of it."
            return forms.RegexField(
                "^[0-9A-Fa-f]{64}$", **said, error_messages={**missing, "invalid": wrong},
                widget=forms.TextInput(attrs=_MONO),
            )  # fmt: skip
        case Kind.TEXT:
            widget = (
                forms.Textarea(attrs={"rows": 4}) if asked.most > _LONG else forms.TextInput(attrs=_PLAIN)
            )
            return forms.CharField(
                **said, max_length=asked.most, widget=widget,
                error_messages={**missing, "max_length": f"At most {asked.most:,} characters fit."},
            )  # fmt: skip
