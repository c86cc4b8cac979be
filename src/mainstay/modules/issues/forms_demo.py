"""The demo company's public form, and a report that has come in by it."""

import secrets
from collections.abc import Mapping

from mainstay.facets.comments.api import say_without_account
from mainstay.kernel.context import Context
from mainstay.modules.issues.actions import forms
from mainstay.modules.issues.actions.forms import Report
from mainstay.modules.issues.entities import IssueForm, SlaPolicy

INTRODUCTION = """Something does not work as it should on your roof or in the portal? Tell us here.
You need no account. In an emergency, call the number on your inverter instead."""


async def forms_demo(ctx: Context, projects: Mapping[str, int]) -> None:
    """Open a form for the customers of the portal, with a promise of its own and one report."""
    project = projects.get("PORT")
    if project is None:
        return
    await ctx.create(
        SlaPolicy(
            name="Portal incidents",
            description="An incident is answered within half an hour, day and night.",
            project_id=project,
            types=["incident"],
            around_the_clock=True,
            zone="Europe/Berlin",
            highest_response=0.5,
            high_response=1.0,
            highest_resolve=6.0,
            high_resolve=24.0,
        )
    )
    form = IssueForm(
        project_id=project,
        name="Customer help",
        address="help",
        introduction=INTRODUCTION,
        thanks="Thank you. We look at every report on the next working day.",
        asks_severity=True,
        asks_version=True,
    )
    await forms.create_form(ctx, form)
    report = Report(
        title="The display at the door shows yesterday's yield",
        description="Since Monday. Switching it off and on did not help.",
        name="Martin Osei",
        email="martin.osei@example.com",
        version="Display 2",
    )
    token = secrets.token_urlsafe(32)
    issue, ticket = await forms.take_report(ctx, form, report, token, "en")
    said = "It is the same on the telephone, by the way."
    await say_without_account(ctx, "issues.issue", issue.id, said, ticket.name)
