"""The forms of what people send. What is wrong is said beside the field, with what to do."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from explorer.challenges.models import Report
from explorer.challenges.reports import Draft
from explorer.rules import registry
from explorer.rules.ground import Ground

LONGEST_PAGE = 2_000
LONGEST_KIND = 40
LONGEST_TEXT = 4_000
_PRIVATE = {each.name: each for each in registry.grounds() if each.is_private}
# Those that Django puts into every form.
_NOT_ASKED_FOR = {"csrfmiddlewaretoken"}


class SentForm(forms.Form):
    """What all forms of ours have in common: they say in words what is missing, and take nothing else."""

    use_required_attribute = False
    besides: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            without_cut(each)

    def clean(self) -> None:
        """Refuse what no form of ours sends."""
        unknown = set(self.data) - set(self.fields) - self.besides - _NOT_ASKED_FOR
        if unknown:
            raise ValidationError(
                "More was sent than this form has: load this page again, and send it as it is."
            )


def without_cut(field: forms.Field) -> forms.Field:
    """The same field; no browser cuts off what is pasted into it: it is all sent, and said to be too long."""
    field.widget.attrs.pop("maxlength", None)
    return field


def lines(text: str) -> str:
    """A text with the ends of lines that are usual outside of forms."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class ReportForm(SentForm):
    """A problem with a page. ``host`` is this site's name, which an address that is pasted may begin with."""

    page = forms.CharField(
        label="Which page?",
        help_text="Its address, from the first slash on.",
        max_length=LONGEST_PAGE,
        error_messages={
            "required": "Give the address of the page: / for the home page.",
            "max_length": f"An address has at most {LONGEST_PAGE:,} characters here: leave out its end.",
        },
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )
    text = forms.CharField(
        label="What is wrong?",
        help_text="What you see, and what you expected. To have words removed, say which.",
        max_length=LONGEST_TEXT,
        error_messages={
            "required": "Say what is wrong, in a few words.",
            "max_length": f"At most {LONGEST_TEXT:,} characters fit, this has %(show_value)s: shorten it.",
        },
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    contact = forms.EmailField(
        label="Your e-mail address, if you want an answer",
        help_text="It is used for that alone. May stay empty.",
        max_length=254,
        required=False,
        error_messages={
            "invalid": "This is no e-mail address: mend it, or leave it empty.",
            "max_length": "This is too long for an e-mail address: mend it, or leave it empty.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    token = forms.Field(required=False, widget=forms.HiddenInput)
    kind = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, host: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._host = host
        if (ground := self.ground) is not None:
            self.fields["text"].label = "Where does it stand?"
            self.fields["text"].help_text = ground.asks
            self.fields["text"].error_messages["required"] = "Say where it stands."

    @property
    def ground(self) -> Ground | None:
        """The private ground that is reported; None where it is a problem with a page."""
        return _PRIVATE.get(str(self["kind"].value() or ""))

    def clean_page(self) -> str:
        """Path and query; of an address of this site, what stands behind its name."""
        given: str = self.cleaned_data["page"]
        try:
            parts = urlsplit(given)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme in ("http", "https") and parts.netloc == self._host:
            given = parts._replace(scheme="", netloc="").geturl() or "/"
        if not given.startswith("/") or given.startswith("//"):
            raise ValidationError("Give the address of a page of this site, beginning with a slash.")
        return given

    def clean_text(self) -> str:
        """With the usual ends of lines."""
        return lines(str(self.cleaned_data["text"]))

    def clean_kind(self) -> str:
        """That of the form; what is none is a problem with a page."""
        return Report.Kind.PAGE if self.ground is None else self.ground.name

    def clean_token(self) -> uuid.UUID:
        """That of the form; another one where it was tampered with."""
        try:
            return uuid.UUID(str(self.cleaned_data["token"]))
        except ValueError:
            return uuid.uuid4()

    def draft(self) -> Draft:
        """What was sent, once it is valid."""
        given = self.cleaned_data
        return Draft(given["token"], given["page"], given["text"], given["contact"], given["kind"])
