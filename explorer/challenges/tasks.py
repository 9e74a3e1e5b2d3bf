"""Celery tasks of challenges. The schedule (``config.celery``) sends them again and again."""

from celery import shared_task
from django.utils import timezone

from explorer.challenges import acting, drafts, examples, once


@shared_task
def go_round() -> None:
    """Write down what happened to challenges by itself, and remove what is kept for a time only. Of the chain
    of this machine make examples, where there are none.
    """
    now = timezone.now()
    acting.elapse(now=now)
    drafts.expire(now=now)
    once.expire(now=now)
    examples.make(now=now)
