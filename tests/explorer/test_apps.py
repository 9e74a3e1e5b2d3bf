"""What the application costs those processes that show nothing."""

import subprocess
import sys

from explorer.queries.lists.search import decided

STARTED = """
import sys
import django
django.setup()
print(*sys.modules)
"""


def test_a_process_that_starts_django_loads_neither_the_search_nor_what_finds_private_data() -> None:
    started = subprocess.run([sys.executable, "-c", STARTED], check=True, capture_output=True, text=True)
    loaded = set(started.stdout.split())
    assert decided.__name__ in loaded
    assert not loaded & {"explorer.search", "indexer.words.cutting", "detect_secrets", "phonenumbers"}
