"""Celery tasks of challenges. The schedule (``config.celery``) sends them again and again."""

from celery import shared_task
from django.utils import timezone

from explorer.challenges import acting, drafts, examples, files, kept_words, notices, once


@shared_task
def go_round() -> None:
    """Write down what happened to challenges by itself, tell of what is due soon, and remove what is kept for
    a time only. Of the chain of this machine make examples, where there are none.
    """
    now = timezone.now()
    acting.elapse(now=now)
    notices.remind(now=now)
    drafts.expire(now=now)
    once.expire(now=now)
    kept_words.expire(now=now)
    examples.make(now=now)


@shared_task
def tell_of_changes() -> None:
    """Tell whoever takes part in a challenge that its record has changed."""
    notices.tell_of_changes(now=timezone.now())


@shared_task
def sweep_files() -> None:
    """Remove the files that nothing knows of any more."""
    files.sweep(now=timezone.now())
