"""Jobs that a server does again and again beside its pages, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger("relais.rounds")

Job = Callable[[Callable[[], bool]], object]
"""Is given a question to ask now and then: whether it is to stop."""


class Rounds:
    """Does a job every so many seconds, from `start` to `stop`; what goes wrong in one round is logged."""

    def __init__(self, name: str, job: Job, *, every_s: float) -> None:
        self._job = job
        self._every_s = every_s
        self._stopping = threading.Event()
        # A daemon: a round that doesn't end must not keep the server from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with the first round."""
        self._thread.start()

    def stop(self, *, within_s: float = 10) -> None:
        """Ask the round under way to end, and wait for it, though not for ever."""
        self._stopping.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._job(self._stopping.is_set)
            except Exception:  # noqa: BLE001 - the next round may find the storage again
                _log.exception("%s went wrong", self._thread.name)
            self._stopping.wait(self._every_s)
