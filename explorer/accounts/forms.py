"""The forms of accounts. What is wrong is said beside the field, with what to do."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from explorer.accounts.codes import DIGITS

LONGEST_NEXT = 4_000
RECOVERY_DIGITS = settings.MFA_RECOVERY_CODE_DIGITS
_NO_ADDRESS = "This is no e-mail address: mend it, as in name@example.org."
# Django takes names in quotes, in which there may be what mail takes for the end of a line, and letters that
# become others when they are made small.
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[^@]+")
_NO_DIGIT = re.compile(r"[\s\-\u2010-\u2015.]+")


class AddressForm(forms.Form):
    """An address to which a code is sent."""

    use_required_attribute = False  # what is missing is said by us, in words

    email = forms.EmailField(
        label="Your e-mail address",
        help_text="We send a code to it. It is shown to nobody.",
        max_length=254,
        error_messages={
            "required": "Give your e-mail address: the code is sent there.",
            "invalid": _NO_ADDRESS,
            "max_length": "This is too long for an e-mail address: mend it.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        """In small letters, with its host as the network knows it: one address has one account, however it is
        written.
        """
        given = str(self.cleaned_data["email"])
        if not _PLAIN.fullmatch(given):
            raise ValidationError(_NO_ADDRESS)
        name, _, host = given.lower().rpartition("@")
        try:
            return f"{name}@{host.encode('idna').decode()}"
        except UnicodeError:
            raise ValidationError(_NO_ADDRESS) from None


class SignInForm(AddressForm):
    """The same for whoever signs in, with where he wants to go on."""

    next = forms.CharField(required=False, max_length=LONGEST_NEXT, widget=forms.HiddenInput)


class ChangeForm(AddressForm):
    """Another address for an account, which is handed the one that it has as ``current``."""

    def __init__(self, *args: Any, current: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._current = current
        self.fields["email"].label = "Your new e-mail address"

    def clean_email(self) -> str:
        """One that is another."""
        email = super().clean_email()
        if email == self._current:
            raise ValidationError("This is the address that your account has already: give another one.")
        return email


class PasskeyForm(forms.Form):
    """What a browser says of a passkey, as JSON: the page's script writes it."""

    use_required_attribute = False

    credential = forms.CharField(
        error_messages={
            "required": "No passkey came from your browser. It needs JavaScript for this, and a device that "
            "keeps passkeys."
        },
        widget=forms.HiddenInput,
    )

    def refuse(self, why: str) -> None:
        """Say why it is not taken."""
        self.add_error("credential", ValidationError(why))


class NewPasskeyForm(PasskeyForm):
    """The same, with a name by which its owner knows it again. A device keeps what was made, so what was made
    is not refused where no name is given.
    """

    name = forms.CharField(
        label="What you call it",
        help_text="As “phone” or “blue key”. You alone see it.",
        max_length=60,
        required=False,
        error_messages={"max_length": "This is too long for a name: make it 60 letters at most."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        """What was given, or a name for the nameless."""
        return str(self.cleaned_data["name"]) or "Passkey"


class DigitsForm(forms.Form):
    """A code of digits, which blanks and lines may part."""

    use_required_attribute = False
    digits: ClassVar[int]
    wrong: ClassVar[str]
    """What is said of anything else."""

    def clean_code(self) -> str:
        """Its digits."""
        code = _NO_DIGIT.sub("", str(self.cleaned_data["code"]))
        if not (code.isascii() and code.isdigit() and len(code) == self.digits):
            raise ValidationError(self.wrong)
        return code

    def refuse(self, why: str, **options: Any) -> None:
        """Say beside the field why the code is not taken."""
        self.add_error("code", ValidationError(why, **options))


class CodeForm(DigitsForm):
    """The code from the mail."""

    digits = DIGITS
    wrong = f"The code has {DIGITS} digits: enter those alone."
    code = forms.CharField(
        label="The code from the mail",
        help_text=f"{DIGITS} digits; blanks do not matter.",
        max_length=64,
        error_messages={"required": "Enter the code from the mail.", "max_length": wrong},
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "one-time-code", "inputmode": "numeric", "size": 12}
        ),
    )


class RecoveryForm(DigitsForm):
    """A recovery code."""

    digits = RECOVERY_DIGITS
    wrong = f"A recovery code has {RECOVERY_DIGITS} digits: enter those alone."
    code = forms.CharField(
        label="One of your recovery codes",
        help_text=f"{RECOVERY_DIGITS} digits; blanks do not matter. It lets you in once.",
        max_length=64,
        error_messages={"required": "Enter one of the codes that you kept.", "max_length": wrong},
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "inputmode": "numeric", "size": 14}
        ),
    )


class DeleteForm(forms.Form):
    """The pseudonym of the account, written out by whoever wants it deleted. ``handle`` is what it is."""

    use_required_attribute = False

    handle = forms.CharField(
        label="Your pseudonym, to show that you mean it",
        max_length=64,
        error_messages={
            "required": "Nothing was deleted: write your pseudonym, as it stands above.",
            "max_length": "Nothing was deleted: write your pseudonym, as it stands above.",
        },
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, handle: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handle = handle

    def clean_handle(self) -> str:
        """What was written, where it is right."""
        given = str(self.cleaned_data["handle"]).lower()
        if given != self._handle:
            raise ValidationError("Nothing was deleted: this is not your pseudonym, as it stands above.")
        return given
