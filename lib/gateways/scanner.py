"""The virus scanner: a command of the server's, run on each file before it is kept."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lib.domain.sentences import Sentence, say

TIMEOUT_S = 120
_log = logging.getLogger("relais.files")


def scanner_problem(command: Sequence[str], path: Path) -> Sentence | None:
    """Why the command, given the file's path last, doesn't let it pass; None when it answers 0.

    One that can't be run lets nothing pass: a file that nobody has looked at isn't clean.
    """
    if not command:
        return None
    try:
        run = subprocess.run(  # noqa: S603 - the administrator's own command, without a shell
            [*command, str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.error("the scanner of files doesn't answer: %s", error)
        return say("The virus scanner doesn't answer: the file isn't taken. Try again later.")
    if run.returncode == 0:
        return None
    _log.warning(
        "the scanner of files refused one (%s): %s", run.returncode, run.stdout[-500:].decode(errors="replace")
    )
    return say("The virus scanner refuses this file.")
