"""What the suite's own configuration names is there."""

import pytest

from tests.conftest import LONG, TESTS, UNTRACED, is_untraced, place_of


@pytest.mark.parametrize("name", sorted({*LONG, *UNTRACED}))
def test_every_file_that_is_named_exists(name: str) -> None:
    assert (TESTS / name).exists()


def test_only_what_is_named_runs_without_the_tracer() -> None:
    assert is_untraced(TESTS / "docs" / "test_links.py")
    assert not is_untraced(TESTS / "cli" / "test_run_command.py")


def test_the_longest_file_comes_first_and_the_rest_keep_their_order() -> None:
    assert place_of(TESTS / LONG[0]) == 0
    assert place_of(TESTS / "test_layers.py") == place_of(TESTS / "alerts" / "test_ledger.py")
