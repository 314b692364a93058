"""The plans of a tag in Dagster's UI.

What belongs here: Markdown. What does not: words and numbers.
"""

from ab_assets.planning.history import History
from ab_assets.planning.outlook import durations
from ab_assets.planning.overview import overview_table
from ab_assets.planning.tables import TextTable, duration_table
from ab_assets.planning.wishes import TagPlans
from ab_assets.planning.wording import (
    answer_sentence,
    history_sentence,
    notes,
    traffic_sentence,
)
from ab_assets.reporting.formatting import markdown_code, markdown_table, markdown_text

_ROLES = ("goal", "guardrail", "secondary")


def plans_markdown(history: History, plans: TagPlans) -> str:
    """Per metric the answer and the effects by duration, goals first."""
    arrivals = traffic_sentence(history.traffic)
    parts = [
        f"Two equal arms, {markdown_text(history_sentence(history))}; {markdown_text(arrivals)}."
    ]
    if plans.pairs:
        overview = overview_table(plans.plans)
        parts.append(_table(overview))
    ordered = sorted(plans.pairs, key=lambda pair: _ROLES.index(pair[0].role))
    for past, plan in ordered:
        parts.append(f"### {markdown_text(past.title)} ({past.role})")
        parts.append(markdown_text(answer_sentence(plan)))
        found = list(durations(plan.request, plan.effect))
        table = duration_table(plan.request, found, plan.effect)
        parts.append(_table(table))
        told = notes(plan, of_traffic=False)
        parts.append("\n".join(f"- {markdown_text(sentence)}" for sentence in told))
    lacking = [
        f"- {markdown_text(title)}: {markdown_text(why)}" for title, why in plans.reasons.items()
    ]
    if lacking:
        parts.append("### Not planned")
        parts.append("\n".join(lacking))
    command = markdown_code(f"ab-assets plan --tag {history.tag} --metric … --effect 2%")
    parts.append(f"Other questions: {command}")
    return "\n\n".join(parts)


def _table(table: TextTable) -> str:
    return f"{markdown_text(table.title)}:\n\n{markdown_table(table.header, table.rows)}"
