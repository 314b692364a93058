"""What goes wrong when a test wants it to: dropped connections, errors, waits, a closed port.

What belongs here: which fault the next statement meets. What does not: sockets; the server hands
in what closes them.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

When = Literal["before", "during", "after"]
_LONGEST_HOLD = 60.0


@dataclass
class Fault:
    """One thing that goes wrong with a statement.

    Attributes:
        when: Before the statement runs, before its rows can be seen, or before its answer.
        pattern: What the statement's text has to match.
        times: How many statements it still hits.
        drop: Whether the connection is cut.
        code: The number of the error that is answered instead; 0 for none.
        text: Its text.
        seconds: How long the statement sleeps.
        finish: Whether a statement that was cut off in the middle still comes to its end.
        swap: Whether an overwrite that was cut off in the middle puts its rows into their place.
        holds: Whether the statement waits for :meth:`release`.
        reached: Set when a statement has met the fault.
    """

    when: When
    pattern: re.Pattern[str]
    times: int = 1
    drop: bool = False
    code: int = 0
    text: str = ""
    seconds: float = 0.0
    finish: bool = True
    swap: bool = True
    holds: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Lets the held statement go on."""
        self._released.set()

    def wait(self) -> None:
        """Waits as the fault says, in the thread of the statement."""
        self.reached.set()
        if self.seconds:
            self._released.wait(self.seconds)
        if self.holds:
            self._released.wait(_LONGEST_HOLD)


class Faults:
    """The faults of one cluster; safe to use from several threads.

    Attributes:
        opened: Set when connections are accepted again.
        close_port: Closes the port for new connections; set by the server.
        open_port: Opens it again; set by the server.
        cut_all: Cuts all connections; set by the server.
    """

    close_port: Callable[[], None]
    open_port: Callable[[], None]
    cut_all: Callable[[], None]

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None
        self.opened = threading.Event()
        self.close_port = _nothing
        self.open_port = _nothing
        self.cut_all = _nothing

    def drop(
        self,
        when: When,
        pattern: str,
        *,
        times: int = 1,
        finish: bool = True,
        swap: bool = True,
        holds: bool = False,
    ) -> Fault:
        """Cuts the connection of the next statements that match.

        Args:
            when: ``before``: it never runs. ``during``: it runs and is not done yet; ``finish``
                says how it ends. ``after``: it is done, only the answer is lost.
            pattern: A regular expression, searched without regard to case.
            times: How many statements.
            finish: For ``during``: whether the statement ends well, or is cancelled.
            swap: For ``during``: False lets the load of an overwrite end well and its label be
                FINISHED, but the frontend goes before the rows take the place of the old ones.
            holds: For ``during``: whether its end waits for ``release()`` of the fault.
        """
        fault = Fault(when, _compiled(pattern), times, drop=True)
        fault.finish, fault.swap, fault.holds = finish, swap, holds
        return self._add(fault)

    def answer(self, pattern: str, code: int, text: str, *, times: int = 1) -> Fault:
        """Answers the next statements that match with an error; they do not run."""
        return self._add(Fault("before", _compiled(pattern), times, code=code, text=text))

    def sleep(self, pattern: str, seconds: float, *, times: int = 1) -> Fault:
        """Lets the next statements that match take that much longer."""
        return self._add(Fault("before", _compiled(pattern), times, seconds=seconds))

    def hold(self, pattern: str, *, when: When = "during", times: int = 1) -> Fault:
        """Lets the next statements that match wait until the fault's ``release()``."""
        return self._add(Fault(when, _compiled(pattern), times, holds=True))

    def refuse_connections(self, seconds: float | None = None) -> None:
        """Closes the port, for a time or until :meth:`accept_connections`."""
        self.close_port()
        self.opened.clear()
        if seconds is not None:
            self._timer = threading.Timer(seconds, self._open)
            self._timer.daemon = True
            self._timer.start()

    def accept_connections(self) -> None:
        """Opens the port again."""
        self.stop_timer()
        self._open()

    def drop_connections(self) -> None:
        """Cuts every connection, as the end of a frontend does."""
        self.cut_all()

    def met(self, when: When, text: str) -> Fault | None:
        """The fault that a statement meets now; it counts as met."""
        with self._guard:
            for fault in self._faults:
                if fault.when == when and fault.times > 0 and fault.pattern.search(text):
                    fault.times -= 1
                    return fault
        return None

    def stop(self) -> None:
        """Lets everything go on that waits."""
        self.stop_timer()
        with self._guard:
            for fault in self._faults:
                fault.release()

    def stop_timer(self) -> None:
        """Forgets that the port is to be opened."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
            self._timer = None

    def _open(self) -> None:
        self.open_port()
        self.opened.set()

    def _add(self, fault: Fault) -> Fault:
        with self._guard:
            self._faults.append(fault)
        return fault


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _nothing() -> None:
    """Stands where no server has set a hook yet."""
