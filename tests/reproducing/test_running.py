"""The process of its own that the printed lines run in: how it may end."""

import pytest

from ab_assets.reproducing.running import Recomputed, ScriptFailedError, run_script


def test_what_it_prints_is_held_against_the_report() -> None:
    (one,) = run_script("print('mean 2.5')", {"mean": 2.5}, "")
    assert one.agrees


def test_an_error_is_told_by_its_last_line() -> None:
    with pytest.raises(ScriptFailedError, match="did not run: ZeroDivisionError: division by zero"):
        run_script("1 / 0", {}, "")


def test_an_end_without_words_is_told_too() -> None:
    with pytest.raises(ScriptFailedError, match="did not run: no message"):
        run_script("raise SystemExit(3)", {}, "")


def test_lines_that_never_end_are_stopped() -> None:
    with pytest.raises(ScriptFailedError, match=r"did not end within 1 seconds.*--output"):
        run_script("import time\ntime.sleep(60)", {}, "", seconds=1.0)


def test_nobody_can_be_asked_by_the_lines() -> None:
    with pytest.raises(ScriptFailedError, match="EOFError"):
        run_script("input()", {}, "")


def test_a_number_that_is_none_never_agrees() -> None:
    assert not Recomputed("mean", 1.0, float("nan")).agrees
    assert Recomputed("mean", 0.0, 0.0).agrees
