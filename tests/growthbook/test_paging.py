"""A list of several pages is one list, whatever happens to it meanwhile."""

from collections.abc import Callable

import pytest

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook.client import GrowthBookClient
from tests.growthbook.payloads import a_payload, numbered
from tests.growthbook.server import GrowthBookServer, answers

Build = Callable[..., GrowthBookClient]


def ids(experiments: list[object]) -> list[object]:
    return [experiment["id"] for experiment in experiments]  # type: ignore[index]


def pulled(client: GrowthBookClient) -> list[object]:
    return [experiment.id for experiment in client.pull().experiments]


def test_an_empty_list_is_an_empty_snapshot(client: Build) -> None:
    snapshot = client().pull()
    assert (snapshot.experiments, snapshot.refused, snapshot.notices) == ((), (), ())


def test_a_list_of_one_page_takes_one_request_for_a_hundred_sorted_by_creation(
    server: GrowthBookServer, client: Build
) -> None:
    server.experiments = numbered(100)
    assert pulled(client()) == ids(server.experiments)
    assert server.requests == [
        {"path": "/api/v1/experiments", "limit": "100", "offset": "0", "sortBy": "dateCreated"}
    ]


@pytest.mark.parametrize("count", [101, 200, 230])
def test_a_list_of_several_pages_is_read_to_its_end(
    server: GrowthBookServer, client: Build, count: int
) -> None:
    server.experiments = numbered(count)
    snapshot = client().pull()
    assert [experiment.id for experiment in snapshot.experiments] == ids(server.experiments)
    assert snapshot.notices == ()


def test_a_list_of_very_many_pages_is_read_to_its_end(
    server: GrowthBookServer, client: Build
) -> None:
    server.experiments = numbered(240)
    assert len(pulled(client(page_size=1))) == 240


def change_once(change: Callable[[list[object]], None]) -> Callable[[GrowthBookServer], None]:
    def after_page(server: GrowthBookServer) -> None:
        server.after_page = None
        change(server.experiments)

    return after_page


def insert_first(experiments: list[object]) -> None:
    experiments.insert(0, a_payload(id="exp_new", trackingKey="new"))


def insert_last(experiments: list[object]) -> None:
    experiments.append(a_payload(id="exp_new", trackingKey="new"))


def delete_first(experiments: list[object]) -> None:
    del experiments[0]


def delete_last(experiments: list[object]) -> None:
    del experiments[-1]


def delete_and_insert(experiments: list[object]) -> None:
    # The total stays the same, and the experiment at the border moves to a page already read.
    del experiments[0]
    insert_last(experiments)


def insert_first_and_delete_last(experiments: list[object]) -> None:
    insert_first(experiments)
    del experiments[-1]


def swap_borders(experiments: list[object]) -> None:
    experiments[0], experiments[-1] = experiments[-1], experiments[0]


@pytest.mark.parametrize(
    "change",
    [
        insert_first,
        insert_last,
        delete_first,
        delete_last,
        delete_and_insert,
        insert_first_and_delete_last,
        swap_borders,
    ],
)
def test_a_list_that_changes_between_pages_is_read_until_nothing_is_missed(
    server: GrowthBookServer, client: Build, change: Callable[[list[object]], None]
) -> None:
    server.experiments = numbered(10)
    server.after_page = change_once(change)
    snapshot = client(page_size=4).pull()
    assert {experiment.id for experiment in snapshot.experiments} == set(ids(server.experiments))
    assert snapshot.notices == ()


def test_a_list_that_never_stands_still_is_refused_not_guessed(
    server: GrowthBookServer, client: Build
) -> None:
    server.experiments = numbered(10)
    count = iter(range(10_000))

    def grow(running: GrowthBookServer) -> None:
        running.experiments.append(a_payload(id=f"exp_new_{next(count)}"))

    server.after_page = grow
    with pytest.raises(GrowthBookError, match=r"changed during each of 3 readings"):
        client(page_size=6, readings=3).pull()


def test_a_total_that_never_fits_the_list_is_reported(
    server: GrowthBookServer, client: Build
) -> None:
    server.experiments = numbered(3)
    server.total_error = 2
    snapshot = client().pull()
    assert len(snapshot.experiments) == 3
    assert snapshot.notices == ("GrowthBook's /experiments says 5 but lists 3",)


def test_an_experiment_on_two_pages_counts_once_as_last_seen(
    server: GrowthBookServer, client: Build
) -> None:
    old, new = a_payload(name="Old"), a_payload(name="New")
    page = {"experiments": [old], "total": 2, "hasMore": True, "nextOffset": 1}
    last = {"experiments": [new], "total": 2, "hasMore": False}
    server.script = [answers(200, page), answers(200, last)] * 2
    snapshot = client().pull()
    assert [experiment.name for experiment in snapshot.experiments] == ["New"]
    assert snapshot.notices == ("GrowthBook's /experiments says 2 but lists 1",)


def test_items_without_an_id_are_kept_for_the_refusal(
    server: GrowthBookServer, client: Build
) -> None:
    server.experiments = [{"name": "no id"}, "no object", {"id": 7}]
    assert len(client().pull().refused) == 3


def test_a_page_without_next_offset_and_total_is_followed_by_its_length(
    server: GrowthBookServer, client: Build
) -> None:
    first = {"experiments": numbered(2), "hasMore": True}
    last = {"experiments": numbered(3)[2:], "hasMore": False}
    server.script = [answers(200, first), answers(200, last)] * 2
    assert len(pulled(client())) == 3
    assert [request["offset"] for request in server.requests] == ["0", "2", "0", "2"]


@pytest.mark.parametrize("following", [0, -5, None])
def test_a_page_that_leads_nowhere_is_refused(
    server: GrowthBookServer, client: Build, following: int | None
) -> None:
    server.script = [answers(200, {"experiments": [], "hasMore": True, "nextOffset": following})]
    with pytest.raises(GrowthBookError, match="does not end"):
        client().pull()


def test_a_list_without_an_end_is_refused(server: GrowthBookServer, client: Build) -> None:
    server.experiments = numbered(10)
    with pytest.raises(GrowthBookError, match=r"does not end .page 3"):
        client(page_size=1, pages=3).pull()


def test_an_older_server_is_asked_again_without_the_parameter_it_refuses(
    server: GrowthBookServer, client: Build
) -> None:
    server.parameters = frozenset({"limit", "offset"})
    server.experiments = numbered(130)
    assert pulled(client()) == ids(server.experiments)
    assert ["sortBy" in request for request in server.requests] == [True] + [False] * 4


@pytest.mark.parametrize(
    "message",
    [
        "Unrecognized key(s) in object: 'sortBy'",
        "Querystring: [sortBy] Invalid option",
    ],
)
def test_any_refusal_that_names_an_optional_parameter_drops_it(
    server: GrowthBookServer, client: Build, message: str
) -> None:
    server.experiments = numbered(1)
    server.script = [answers(400, {"message": message})]
    assert len(pulled(client())) == 1


def test_a_refusal_of_a_parameter_we_need_is_an_error(
    server: GrowthBookServer, client: Build
) -> None:
    server.parameters = frozenset({"offset", "sortBy"})
    with pytest.raises(GrowthBookError, match='Unrecognized key: "limit"'):
        client().pull()


def test_a_refusal_that_goes_on_naming_a_parameter_we_left_out_is_an_error(
    server: GrowthBookServer, client: Build
) -> None:
    server.script = [answers(400, {"message": "Unrecognized key: sortBy"})] * 2
    with pytest.raises(GrowthBookError, match="Unrecognized key: sortBy"):
        client().pull()


def test_drafts_and_archived_experiments_are_pulled_too(
    server: GrowthBookServer, client: Build
) -> None:
    server.experiments = [
        a_payload(id="exp_a", status="draft"),
        a_payload(id="exp_b", archived=True),
    ]
    assert pulled(client()) == ["exp_a", "exp_b"]


def test_fact_metrics_are_read_page_by_page(server: GrowthBookServer, client: Build) -> None:
    server.fact_metrics = [
        {"id": f"fact__{n:03}", "name": "Purchases", "metricType": "mean"} for n in range(130)
    ]
    catalogue = client().fact_metrics()
    assert [metric.id for metric in catalogue.metrics] == ids(server.fact_metrics)
    assert "sortBy" not in server.requests[0]
