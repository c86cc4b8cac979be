"""What a sprint's history shows, on the room's card: burndown, velocity, flow and times."""

from mainstay.kernel.module import Action, Page, Panel, Question, Resource
from mainstay.modules.scrum.pages import charts
from mainstay.modules.scrum.questions.burndown import burndown
from mainstay.modules.scrum.questions.flows import cumulative_flow, cycle_times
from mainstay.modules.scrum.questions.velocity import velocity

PROJECT = "/projects/projects/{project}"
SPRINT = "/scrum/sprints/{sprint}"

RESOURCES: tuple[Resource, ...] = ()
QUESTIONS: tuple[Question, ...] = (burndown, velocity, cumulative_flow, cycle_times)
PAGES: tuple[Page, ...] = (
    Page(
        f"{SPRINT}/burndown",
        "Burndown",
        "trending-down",
        "scrum/burndown.html",
        charts.burndown_page,
        grant="scrum.burndown.read",
        slow=True,
    ),
    Page(
        f"{PROJECT}/velocity",
        "Velocity",
        "chart-bar",
        "scrum/velocity.html",
        charts.velocity_page,
        grant="scrum.velocity.read",
    ),
    Page(
        f"{PROJECT}/flow",
        "Flow",
        "chart-line",
        "scrum/flow.html",
        charts.flow_page,
        grant="scrum.cumulative_flow.read",
        slow=True,
    ),
)
PANELS: dict[str, tuple[Panel, ...]] = {
    "scrum.sprint": (
        Panel(
            "Burndown",
            "scrum/burndown_panel.html",
            charts.burndown_panel,
            live=("projects.task", "scrum.sprint"),
            grant="scrum.burndown.read",
        ),
    ),
}
VERBS: dict[str, tuple[Action, ...]] = {}
MENU: tuple[str, ...] = ()
READ: tuple[str, ...] = ()
WORK: tuple[str, ...] = ()
LEAD: tuple[str, ...] = ()
