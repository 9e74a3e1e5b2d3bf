"""``manage.py evidence``: what arbiters look through before it is shown."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from explorer.challenges.models import EvidenceFile
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import UNTOUCHED

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "desk"])


def run(number: str, into: Path) -> str:
    out = StringIO()
    call_command("evidence", number, "--into", str(into), stdout=out)
    return out.getvalue()


def test_files_that_wait_to_be_shown_are_written_to_a_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "evidence"
    into = tmp_path / "a" / "folder"
    challenge = filed.file(
        filed.indexed(), UNTOUCHED, by=filed.person(), files=[b"one", b"two", b"three", b"four"]
    )
    told = run(challenge.name.lower(), into)
    assert f"1. event 1, text/plain, 3 bytes: {into}/1-0.txt" in told
    assert [(into / name).read_bytes() for name in ("1-0.txt", "2-1.txt")] == [b"one", b"two"]
    assert [each.stat().st_mode & 0o077 for each in (into, into / "1-0.txt")] == [0, 0]
    with pytest.raises(CommandError, match="There is something in"):
        run(challenge.name, into)
    EvidenceFile.objects.filter(number=1).update(stored="")
    (tmp_path / "evidence" / EvidenceFile.objects.get(number=2).stored).write_bytes(b"other")
    (tmp_path / "evidence" / EvidenceFile.objects.get(number=3).stored).unlink()
    out, faults = StringIO(), StringIO()
    with pytest.raises(CommandError, match="2 of 4 files were not written"):
        call_command("evidence", challenge.name, "--into", str(tmp_path / "b"), stdout=out, stderr=faults)
    assert "1. event 1, text/plain, 3 bytes: erased" in out.getvalue()
    assert "2. event 1, text/plain, 3 bytes: The bytes of this file are not those" in faults.getvalue()
    assert "3. event 1, text/plain, 5 bytes: The bytes of this file are not where" in faults.getvalue()
    assert [each.name for each in (tmp_path / "b").iterdir()] == ["4-3.txt"]
    with pytest.raises(CommandError, match="cannot be written"):
        run(challenge.name, tmp_path / "b" / "4-3.txt")
    with pytest.raises(CommandError, match="as C-2026-000123"):
        run("x", into)
    assert "There are no files" in run("C-2026-999999", into)
