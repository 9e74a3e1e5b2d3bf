"""The tables of accounts. None belongs to a generation or follows a derivation's checkpoint, and fsck derives
none again: nothing of them follows from the chain.

What the web server's role may do to each is in ``config.databases``; the readers' role may do nothing.
"""

import secrets
import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

DELETED = "deleted account"
"""What stands in place of a handle once its account was deleted."""

GIVEN = "reader-"
"""How each handle begins that was made up for a person."""

_LETTERS = "23456789bcdfghjkmnpqrstvwxz"  # no vowels, so no words; none that looks like another
_LENGTH = 7


def new_handle() -> str:
    """A pseudonym that nobody chose: a chosen one could pose as somebody, or say what has to be screened."""
    return GIVEN + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


class Accounts(BaseUserManager["Account"]):
    """Finds accounts, and opens them."""

    def of_mail(self, email: str, *, now: datetime) -> "Account":
        """The account of an address that is proved to be its owner's, opened where there is none yet."""
        account = Account(email=email, handle=new_handle(), opened_at=now)
        account.set_unusable_password()
        fields = {name: getattr(account, name) for name in ("handle", "opened_at", "password")}
        return self.get_or_create(email=email, defaults=fields)[0]


class Account(AbstractBaseUser):
    """A person who signed in: a pseudonym and an address.

    The web opens and reads them, and takes out what a person wants deleted: `personal_data.delete` erases
    handle and address and leaves the row, to which what was filed refers.
    """

    last_login = None  # sessions tell
    # Never one that somebody knows: random letters on which the account's sessions hang.
    password = models.CharField(max_length=128)
    handle = models.TextField(unique=True, null=True)
    email = models.TextField(unique=True, null=True)  # in small letters
    opened_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    wants_mail = models.BooleanField(default=True, db_default=True)  # of challenges; a code comes always

    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.handle or DELETED

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether anybody can sign in to it."""
        return self.deleted_at is None

    @property
    def role(self) -> "Appointment.Role":
        """What it may do besides what every account may, as far as the operator says so."""
        found = Appointment.objects.filter(account=self, account__deleted_at=None).first()
        return Appointment.Role(found.role) if found else Appointment.Role.NONE


class Appointment(models.Model):
    """The role of an account, for which the operator appoints it: ``manage.py account``.

    The web reads it and cannot write it, so whoever breaks into the web appoints nobody. Appointing to no
    role erases it, and so does `tasks.expire` where the account was deleted.
    """

    class Role(models.TextChoices):
        """What somebody may do besides what everybody may."""

        NONE = "none", "none"
        ARBITER = "arbiter", "arbiter"
        MODERATOR = "moderator", "moderator"

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)
    role = models.TextField(choices=Role.choices)
    since = models.DateTimeField()


class Respondent(models.Model):
    """For which records an account responds where they are challenged: those of a chain that name a scout, or
    all of a chain. The operator enters it, as he was shown; no key of the chain has signed it, so whoever
    responds is told of as one who claims it.

    The web reads it and cannot write it. ``manage.py account --respondent none`` erases it, and
    `tasks.expire` where the account was deleted.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="responds_for")
    brid = models.BinaryField()
    scout = models.BigIntegerField(null=True)  # null: whichever it names
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "brid", "scout"], name="respondent_once", nulls_distinct=False
            ),
        ]


class Session(AbstractBaseSession):
    """A browser that was signed in, or is about to be: see `sessions`.

    The web reads and writes it. Its data may name what somebody typed while he was signed out. Signing out,
    or deleting the account, erases it; `tasks.expire` removes those that are over.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sessions")
    signed_in_at = models.DateTimeField(null=True)


class ApiKey(models.Model):
    """A key with which a program acts for an account: see `keys`.

    The web makes, finds and revokes them. It is kept as its SHA-256: what is shown of it is its beginning.
    Nothing erases the row, which says when a key could be used; it goes with the account's row.
    """

    class Scope(models.TextChoices):
        """What may be done with it."""

        CHALLENGE = "challenge", "file challenges"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="keys")
    scope = models.TextField(choices=Scope.choices)
    shown = models.TextField()
    digest = models.BinaryField(unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class SignIn(models.Model):
    """Somebody asked for a code to be sent to an address: see `sign_in`; with an account, so that it has that
    address from then on: see `change_of_mail`.

    The web adds rows, counts the attempts and notes the one that was right; workers read the address. The
    code itself is in no table. `tasks.expire` removes the row within an hour of its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.TextField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    attempts = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)


class Notice(models.Model):
    """Something was changed that an account hangs on, of which its address of then is told: see `notices`.

    The web adds rows, workers read them. Deleting the account erases them, else `tasks.expire` in three days.
    """

    class Kind(models.TextChoices):
        """What was changed."""

        MAIL_CHANGED = "mail-changed", "another address"
        PASSKEY_ADDED = "passkey-added", "a passkey was added"
        PASSKEY_REMOVED = "passkey-removed", "a passkey was removed"
        CODES_MADE = "codes-made", "recovery codes were made"
        CODE_USED = "code-used", "a recovery code was used"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    email = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    made_at = models.DateTimeField(db_index=True)
