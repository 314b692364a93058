from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from ab_assets.warehouse.starrocks.errors import Kind, Patience, StarRocksError, with_patience


@dataclass
class Time:
    """A clock that only sleeping and working moves."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def patience(self) -> Patience:
        return Patience(sleep=self.sleep, clock=self.clock)


def failing(time: Time, *errors: tuple[int, str], each: float = 0.0) -> Callable[[], str]:
    """Work that meets these errors, then those of the last kind for ever unless it is 'done'."""
    left = list(errors)

    def work() -> str:
        time.now += each
        code, text = left.pop(0) if len(left) > 1 else left[0]
        if text == "done":
            return text
        raise StarRocksError(code, text)

    return work


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (1064, "Getting syntax error at line 1", Kind.FINAL),
        (1064, "forward failed, cause: leader is unknown", Kind.UNKNOWN),
        (1064, "java.net.SocketTimeoutException: Read timed out", Kind.UNKNOWN),
        (1064, "exec plan fragment failed: socket timeout", Kind.UNKNOWN),
        (5502, "Unknown table 'ab.t'", Kind.FINAL),
        (5501, "Unknown database 'ab'", Kind.FINAL),
        (5203, "Access denied; you need the INSERT privilege", Kind.FINAL),
        (1044, "Access denied for user 'me' to database 'ab'", Kind.DENIED),
        (1045, "Access denied for user 'me'", Kind.DENIED),
        (2003, "Can't connect to MySQL server on 'fe' ([Errno 111] refused)", Kind.UNREACHABLE),
        (2003, "Can't connect: [Errno -2] Name or service not known", Kind.DENIED),
        (2003, "Can't connect: [SSL: CERTIFICATE_VERIFY_FAILED]", Kind.FINAL),
        (2006, "MySQL server has gone away", Kind.UNKNOWN),
        (2013, "Lost connection to MySQL server during query", Kind.UNKNOWN),
        (2013, "Lost connection to MySQL server during query (timed out)", Kind.FINAL),
        (0, "", Kind.UNKNOWN),
        (1064, "Query exceeded time limit of 900 seconds", Kind.FINAL),
    ],
)
def test_an_error_is_judged_by_its_code(code: int, text: str, kind: Kind) -> None:
    assert StarRocksError(code, text).kind is kind


def test_an_error_names_its_code() -> None:
    assert str(StarRocksError(5502, "Unknown table")) == "Unknown table (StarRocks error 5502)"


def test_a_frontend_that_is_away_for_three_minutes_is_waited_for() -> None:
    time = Time()

    def work() -> str:
        if time.now < 180:
            raise StarRocksError(2003, "refused")
        return "done"

    assert with_patience(work, time.patience(), place="fe") == "done"
    assert max(time.waits) <= 15
    assert len(time.waits) < 30


def test_a_frontend_that_stays_away_is_given_up_after_the_patience() -> None:
    time = Time()
    with pytest.raises(StarRocksError, match="refused"):
        with_patience(failing(time, (2003, "refused")), time.patience(), place="fe")
    assert 240 <= time.now < 260


def test_a_wrong_password_is_given_up_after_seconds() -> None:
    time = Time()
    with pytest.raises(StarRocksError, match="Access denied"):
        with_patience(failing(time, (1045, "Access denied")), time.patience(), place="fe")
    assert 6 <= time.now < 15


def test_a_refusal_while_a_frontend_restarts_has_its_own_time() -> None:
    time = Time()
    work = failing(time, *[(2003, "refused")] * 10, *[(1045, "Access denied")] * 2, (0, "done"))
    assert with_patience(work, time.patience(), place="fe") == "done"


def test_a_final_error_is_not_tried_again() -> None:
    time = Time()
    with pytest.raises(StarRocksError):
        with_patience(failing(time, (1064, "syntax")), time.patience(), place="fe")
    assert time.waits == []


def test_a_statement_that_ran_longer_than_the_patience_is_tried_again() -> None:
    time = Time()
    work = failing(time, (2013, "Lost connection"), (0, "done"), each=600)
    assert with_patience(work, time.patience(), place="fe") == "done"


@pytest.mark.parametrize(("code", "attempts"), [(2003, 2), (2013, 1)])
def test_what_must_not_be_done_twice_is_repeated_only_when_nothing_was_sent(
    code: int, attempts: int
) -> None:
    time = Time()
    done: list[int] = []

    def work() -> str:
        done.append(code)
        if len(done) == 1:
            raise StarRocksError(code, "away")
        return "done"

    if attempts == 1:
        with pytest.raises(StarRocksError):
            with_patience(work, time.patience(), place="fe", repeatable=False)
    else:
        with_patience(work, time.patience(), place="fe", repeatable=False)
    assert len(done) == attempts


def test_each_wait_is_told_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    with_patience(failing(time, (2003, "refused"), (0, "done")), time.patience(), place="fe:9030")
    assert caplog.messages == ["StarRocks at fe:9030: refused (StarRocks error 2003); trying again"]


def test_an_error_of_another_kind_is_left_alone() -> None:
    def work() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        with_patience(work, Patience(), place="fe")
