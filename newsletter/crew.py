"""A crew: processes that work for this one, on all cores, and never outlive it."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

CORES = os.cpu_count() or 1
"""How many a crew are: one process for each core."""


def crew(begin: Callable[..., None], *words: Any) -> ProcessPoolExecutor:
    """Give an executor with ``CORES`` processes, each of which calls ``begin`` first.

    They are started when there is something to do. A signal from the terminal is left to the
    process that they work for: it ends them when it is done with them, or by its own end.
    """
    return ProcessPoolExecutor(
        CORES,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_join,
        initargs=(begin, words),
    )


def _join(begin: Callable[..., None], words: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    begin(*words)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
