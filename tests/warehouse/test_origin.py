import contextvars
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.warehouse.origin import current_origin, origin


def test_outside_a_block_the_project_is_named() -> None:
    assert current_origin() == "ab_assets"


def test_asset_partition_and_run_are_named_inside_the_block_only() -> None:
    with origin("habits/wide_user", "2026-01-05|habit", "4f1c-9"):
        inside = current_origin()
    assert inside == "ab_assets asset=habits/wide_user partition=2026-01-05|habit run=4f1c-9"
    assert current_origin() == "ab_assets"


def test_what_is_not_known_is_left_out() -> None:
    with origin("cli load"):
        assert current_origin() == "ab_assets asset=cli load"


def test_an_inner_block_counts_until_it_ends() -> None:
    with origin("cli run"):
        with origin("experiment_data", "p", "r"):
            assert current_origin() == "ab_assets asset=experiment_data partition=p run=r"
        assert current_origin() == "ab_assets asset=cli run"


def test_a_block_that_fails_leaves_nothing_behind() -> None:
    with pytest.raises(KeyError), origin("cli load"):
        raise KeyError
    assert current_origin() == "ab_assets"


@given(st.text(), st.text(), st.text())
def test_no_text_can_end_a_comment_or_be_taken_for_a_placeholder(
    asset: str, partition: str, run_id: str
) -> None:
    with origin(asset, partition, run_id):
        text = current_origin()
    assert not set(text) & set("*%`'\"\\;\n\r()?")
    assert len(text) <= 350


def test_each_thread_has_its_own() -> None:
    seen = []
    with origin("cli run"):
        thread = threading.Thread(
            target=contextvars.Context().run, args=(lambda: seen.append(current_origin()),)
        )
        thread.start()
        thread.join()
    assert seen == ["ab_assets"]
