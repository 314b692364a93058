"""GrowthBook's own SDK, asked user by user through its public API: another implementation."""

from collections.abc import Iterable

from growthbook import Experiment, GrowthBook

from ab_assets.replay import NOT_INCLUDED


def assigned(user_ids: Iterable[str | None], **experiment: object) -> list[int]:
    """The variation of each user, -1 for those not in the experiment."""
    running: Experiment[int] = Experiment(**({"key": "tracking-key"} | experiment))
    client = GrowthBook()
    found = []
    for user_id in user_ids:
        client.set_attributes({"id": user_id})
        result = client.run(running)
        found.append(result.variationId if result.inExperiment else NOT_INCLUDED)
    client.destroy()
    return found
