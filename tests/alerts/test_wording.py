"""Problems as sentences."""

from dataclasses import replace

from ab_assets.alerts.problem import Identity
from ab_assets.alerts.wording import (
    context_line,
    one_line,
    problem_text,
    shown_numbers,
    subject_of,
    title_of,
)
from tests.alerts.builders import a_failed_run, a_problem


def test_a_message_names_tag_experiment_phase_fault_and_numbers() -> None:
    text = problem_text(a_problem(), with_title=True)
    assert text.splitlines() == [
        "Warning: sample ratio · Basket (basket)",
        "tag shop · experiment Basket (basket) · phase 0 · 2025-03-09",
        "the arms are not as the weights say",
        "measured 0.8 · p-value 1e-09",
    ]


def test_without_a_link_the_place_is_named() -> None:
    assert "shop/health, partition 2025-03-09|shop" in problem_text(a_problem(link=""))
    assert "run abc" in problem_text(a_failed_run())


def test_a_failed_run_is_titled_by_its_tag() -> None:
    assert title_of(a_failed_run()) == "Run failed: tag shop"


def test_a_name_that_repeats_the_key_is_shown_once() -> None:
    assert subject_of(a_problem(name="basket")) == "basket"


def test_a_subject_of_one_word_is_shown_as_it_is() -> None:
    bare = replace(a_problem(""), experiment_name="", identity=Identity("exp_1", "design", 0))
    assert subject_of(bare) == "exp_1"


def test_what_belongs_to_no_tag_and_no_day_names_neither() -> None:
    assert context_line(replace(a_failed_run(day=None), tag="")) == ""


def test_names_stay_on_one_line_and_hide_nothing() -> None:
    hostile = "a\nb\u2028c\u202ed\u0007e\u200b"
    assert one_line(hostile, 50) == "a b cde"
    assert "\n" not in title_of(a_problem(name=hostile))


def test_long_texts_are_cut_where_it_shows() -> None:
    text = problem_text(a_problem(name="n" * 5000, sentence="s" * 5000))
    assert len(text) < 1500
    assert "n…" in text
    assert "s…" in text


def test_numbers_are_written_for_people() -> None:
    numbers = shown_numbers(
        0.8123456,
        0.001,
        None,
        {
            "observed": {"0": 1234567, "1": 2.5, "x": None},
            "weights": {},
            "list": [1],
            "nothing": None,
            "sequential_p_value": 1e-20,
            "flag": True,
        },
    )
    assert dict(numbers) == {
        "measured": "0.8123",
        "limit": "0.001",
        "observed": "0: 1,234,567, 1: 2.5, x: None",
        "sequential p value": "1e-20",
        "flag": "True",
    }


def test_many_arms_are_cut() -> None:
    ((_, arms),) = shown_numbers(None, None, None, {"observed": {str(i): i for i in range(50)}})
    assert arms.endswith("11: 11 …")
