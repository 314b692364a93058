"""Ctrl-C in the middle of a Dagster run.

What belongs here: noticing an interrupt that arrived while Dagster had the signal handlers. What
does not: what a command says of it.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dagster._utils.interrupts import capture_interrupts

_ENOUGH = 4096


@contextmanager
def interrupts_after() -> Iterator[None]:
    """Raises KeyboardInterrupt at the end of the block when an interrupt came within it.

    Dagster raises an interrupt within the code of an asset, and so ends the run. One that arrives
    while it stores an event it only notes, and forgets when the run ends: the next run would begin
    as if nothing had happened. The wake-up pipe of :mod:`signal` gets every signal whoever handles
    it. SIGTERM is treated alike, as Dagster does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread
        return
    reader, writer = os.pipe()
    for end in (reader, writer):
        os.set_blocking(end, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        with capture_interrupts():
            yield
        if _read(reader) & {signal.SIGINT, signal.SIGTERM}:
            raise KeyboardInterrupt
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)


def _read(pipe: int) -> set[int]:
    try:
        return set(os.read(pipe, _ENOUGH))
    except BlockingIOError:
        return set()
