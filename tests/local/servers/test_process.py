"""Knowing a process again later."""

import os
import subprocess

from local.servers import process


def test_a_process_keeps_its_birth_whatever_program_it_becomes() -> None:
    with subprocess.Popen(
        ["/bin/sh", "-c", "read _; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        begun = process.birth(shell.pid)
        shell.stdin.write(b"go\nhere\n")
        shell.stdin.flush()
        assert shell.stdout.readline() == b"here\n"  # said by cat
        assert "cat" in process.command_line(shell.pid)
        assert process.birth(shell.pid) == begun != ""
        shell.stdin.close()
    assert process.birth(shell.pid) == ""


def test_two_processes_have_births_of_their_own() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as cat:
        assert process.birth(cat.pid) != process.birth(os.getppid())
