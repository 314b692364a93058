import pytest

from ab_assets.metabase.files import read_files
from tests.metabase.conftest import Apply
from tests.metabase.server import Metabase

Captured = pytest.CaptureFixture[str]


def _dashboard(metabase: Metabase) -> dict[str, object]:
    return next(iter(metabase.made("dashboard")))


def test_everything_is_made_of_the_files(metabase: Metabase, apply: Apply) -> None:
    assert apply() == 0
    files = read_files()
    assert {card["name"] for card in metabase.made("card")} == {
        card.form.name for card in files.cards.values()
    }
    dashboard = _dashboard(metabase)
    assert [tab["name"] for tab in dashboard["tabs"]] == [tab.name for tab in files.dashboard.tabs]
    assert len(dashboard["dashcards"]) == sum(len(tab.cards) for tab in files.dashboard.tabs)
    assert [item["slug"] for item in dashboard["parameters"]] == list(files.dashboard.filters)


def test_metabase_signs_in_to_the_warehouse_as_the_reader(metabase: Metabase, apply: Apply) -> None:
    assert apply() == 0
    (database,) = metabase.made("database")
    assert database["details"] == {
        "host": "starrocks",
        "port": 9030,
        "dbname": "default_catalog.flow_report_app",
        "user": "ab_reader",
        "password": "reader's secret",
        "ssl": False,
        "additional-options": "tinyInt1isBit=false",
    }


def test_every_filter_reaches_a_variable_of_every_card_that_names_it(
    metabase: Metabase, apply: Apply
) -> None:
    assert apply() == 0
    dashboard = _dashboard(metabase)
    slugs = {item["id"]: item["slug"] for item in dashboard["parameters"]}
    for dashcard in dashboard["dashcards"]:
        card = metabase.things["card"][dashcard["card_id"]]
        tags = card["dataset_query"]["native"]["template-tags"]
        assert {slugs[item["parameter_id"]] for item in dashcard["parameter_mappings"]} == set(tags)


def test_the_second_time_nothing_is_written(
    metabase: Metabase, apply: Apply, capsys: Captured
) -> None:
    assert apply() == 0
    before = list(metabase.writes)
    capsys.readouterr()
    assert apply() == 0
    assert metabase.writes == before
    told = capsys.readouterr()
    assert told.out == ""
    assert "nothing to change" in told.err


def test_a_dry_run_shows_everything_and_writes_nothing(
    metabase: Metabase, apply: Apply, capsys: Captured
) -> None:
    assert apply("--dry-run") == 0
    assert metabase.writes == []
    out = capsys.readouterr().out
    assert "+ create dashboard Experiments" in out
    assert "+ create card Verdicts" in out


@pytest.mark.parametrize("written", [1, 2, 5, 18, 19])
def test_after_a_crash_in_the_middle_another_try_completes_it_without_doubles(
    metabase: Metabase, apply: Apply, written: int
) -> None:
    metabase.fail_at = written
    assert apply() == 1
    metabase.fail_at = None
    assert apply() == 0
    counts = {kind: len(metabase.made(kind)) for kind in metabase.things}
    assert counts == {
        "database": 1,
        "collection": 1,
        "card": len(read_files().cards),
        "dashboard": 1,
    }
    before = list(metabase.writes)
    assert apply() == 0
    assert metabase.writes == before


def test_what_people_added_to_the_dashboard_stays(metabase: Metabase, apply: Apply) -> None:
    assert apply() == 0
    dashboard = _dashboard(metabase)
    note = {
        "id": 900,
        "card_id": None,
        "row": 30,
        "col": 0,
        "size_x": 4,
        "size_y": 2,
        "dashboard_tab_id": 901,
        "visualization_settings": {"text": "ours"},
        "parameter_mappings": [],
    }
    dashboard["tabs"].append({"id": 901, "name": "Mine"})
    dashboard["dashcards"].append(note)
    dashboard["parameters"].append({"id": "mine", "type": "string/=", "slug": "mine"})
    metabase.made("card")[0]["name"] = "renamed by hand"
    dashboard["dashcards"][0]["size_x"] = 3
    assert apply() == 0
    assert note in dashboard["dashcards"]
    assert dashboard["tabs"][-1]["name"] == "Mine"
    assert dashboard["parameters"][-1]["id"] == "mine"
    assert "renamed by hand" not in {card["name"] for card in metabase.made("card")}
    assert dashboard["dashcards"][0]["size_x"] != 3


def test_things_of_the_same_name_that_others_made_are_left_alone(
    metabase: Metabase, apply: Apply
) -> None:
    metabase.things["collection"][500] = {"id": 500, "name": "Experiments", "description": None}
    theirs = {"id": 501, "name": "Experiments", "description": "mine", "collection_id": 500}
    metabase.things["dashboard"][501] = dict(theirs)
    assert apply() == 0
    assert metabase.things["dashboard"][501] == theirs
    assert not any(path.endswith(("/500", "/501")) for _, path in metabase.writes)


def test_a_database_of_our_name_that_leads_elsewhere_is_refused(
    metabase: Metabase, apply: Apply, capsys: Captured
) -> None:
    metabase.things["database"][7] = {
        "id": 7,
        "name": "ab_assets",
        "engine": "mysql",
        "details": {"host": "other"},
    }
    assert apply() == 1
    assert "leads elsewhere" in capsys.readouterr().err
    assert metabase.writes == []


def test_a_card_that_no_file_has_any_more_is_archived(metabase: Metabase, apply: Apply) -> None:
    assert apply() == 0
    card = next(item for item in metabase.made("card") if item["name"] == "Verdicts")
    old = {**card, "id": 800, "name": "Old"}
    old["description"] = card["description"].replace("card/verdicts", "card/old")
    metabase.things["card"][800] = old
    assert apply() == 0
    assert metabase.things["card"][800]["archived"] is True
    assert card["archived"] is False


def test_a_wrong_key_is_refused_and_shown_nowhere(
    apply: Apply, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("METABASE_API_KEY", "not-the-key")
    assert apply() == 1
    told = capsys.readouterr().err
    assert "METABASE_API_KEY" in told
    assert "not-the-key" not in told


def test_no_password_is_ever_printed(apply: Apply, capsys: Captured) -> None:
    assert apply("--renew-password") == 0
    assert apply("--renew-password") == 0
    told = capsys.readouterr()
    assert "secret" not in told.out + told.err
    assert "writers" not in told.out + told.err


def test_a_new_metabase_is_set_up_once(
    metabase: Metabase, apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    metabase.token = "token"  # noqa: S105
    monkeypatch.delenv("METABASE_API_KEY")
    monkeypatch.setenv("METABASE_USER", "a@example.com")
    monkeypatch.setenv("METABASE_PASSWORD", "pass")
    assert apply("--setup") == 0
    assert apply("--setup") == 0
    assert metabase.person == ("a@example.com", "pass")
    assert len(metabase.made("dashboard")) == 1


def test_a_busy_metabase_is_asked_again(metabase: Metabase, apply: Apply) -> None:
    metabase.failures = [429]
    assert apply("--dry-run") == 0


@pytest.mark.parametrize(
    ("unset", "said"),
    [
        ("METABASE_URL", "METABASE_URL is not set"),
        ("METABASE_API_KEY", "METABASE_USER and METABASE_PASSWORD"),
        ("METABASE_WAREHOUSE_USER", "METABASE_WAREHOUSE_USER"),
        ("AB_WAREHOUSE_URL", "ab-assets export"),
    ],
)
def test_what_is_not_set_is_named(
    apply: Apply, monkeypatch: pytest.MonkeyPatch, capsys: Captured, unset: str, said: str
) -> None:
    monkeypatch.delenv(unset)
    assert apply() == 2
    assert said in " ".join(capsys.readouterr().err.split())
