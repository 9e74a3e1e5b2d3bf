"""What a process imports for the network."""

import subprocess
import sys

COMMAND_LINE = {"click", "httpx._main", "rich"}


def test_the_command_line_that_httpx_brings_is_not_imported() -> None:
    asked = "import sys, indexer.node.client; print(*(name for name, each in sys.modules.items() if each))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "httpx._client" in said.split()
    assert COMMAND_LINE.isdisjoint(said.split())
