"""What questions and answers must not know. Import contracts see no module within Django: this does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import explorer.queries

FOLDER = Path(explorer.queries.__file__).parent
OF_DJANGO = ("django.db", "django.core.files.storage", "django.utils.timezone")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_of_django_only_database_storage_and_clock_are_known() -> None:
    found = {
        f"{path.relative_to(FOLDER)}: {name}"
        for path in FOLDER.rglob("*.py")
        for name in imported(path)
        if name.startswith("django") and not name.startswith(OF_DJANGO)
    }
    assert found == set()
