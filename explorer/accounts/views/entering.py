"""Entering a code from a mail: the page of it, and why a code is not taken."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from explorer.accounts.forms import CodeForm
from explorer.accounts.models import SignIn
from explorer.accounts.sign_in import Over, WrongCode
from explorer.accounts.views.gate import show_personal
from explorer.desk.quotas import QuotaExceeded

REFUSALS = (WrongCode, Over, QuotaExceeded)
_OVER = (
    "This code is not taken any more: it is too old, was used, or was guessed at too often. Have a new one "
    "sent."
)


def show_code(
    request: HttpRequest, form: CodeForm, waiting: SignIn, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page on which a code is entered."""
    folder = settings.EMAIL_FILE_PATH
    return show_personal(
        request, "my/code.html", status=status, form=form, waiting=waiting, mail_folder=folder
    )


def show_refused(request: HttpRequest, form: CodeForm, waiting: SignIn, error: Exception) -> HttpResponse:
    """The same page, with one of REFUSALS said beside the field."""
    if isinstance(error, QuotaExceeded):
        form.refuse(f"Too many codes were tried from your connection. {later(error)}")
        page = show_code(request, form, waiting, status=HTTPStatus.TOO_MANY_REQUESTS)
        return retry_after(page, error)
    if isinstance(error, WrongCode):
        left = f"{error.left or 'no'} more attempt{'' if error.left == 1 else 's'}"
        form.refuse(f"This is not the code that was sent last. You have {left}.")
    else:
        form.refuse(_OVER)
    return show_code(request, form, waiting, status=HTTPStatus.BAD_REQUEST)


def later(refusal: QuotaExceeded) -> str:
    """When it may be done again, in words."""
    return f"Try again after {refusal.until:%H:%M} UTC."


def retry_after(response: HttpResponse, refusal: QuotaExceeded) -> HttpResponse:
    """The answer, which says so to programs too."""
    seconds = (refusal.until - timezone.now()).total_seconds()
    response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response
