"""The form “Report a problem with this page”, from the first look to the operator's list."""

import pytest
from django.test import Client

from explorer.challenges.models import OutboxEntry, Report

pytestmark = pytest.mark.django_db(databases=["default", "desk"])


def test_first() -> None:
    visitor = Client()
    page = visitor.get("/my/report", {"page": "/chains/1?x=1"})
    assert page.status_code == 200, page.content
    token = page.context["form"]["token"].value()
    answer = visitor.post("/my/report", {"page": "/a", "text": "wrong", "contact": "", "token": token})
    assert answer.status_code == 302, answer.content.decode()
    assert "report 1" in visitor.get(answer.headers["Location"]).content.decode()
    assert Report.objects.count() == OutboxEntry.objects.count() == 1
