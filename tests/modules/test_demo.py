"""The demo company moves in where nobody is yet, and may be asked in twice."""

from mainstay.app import seed
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace


async def test_the_demo_needs_nobody_and_comes_once(workspace: Workspace) -> None:
    counts = []
    for _ in range(2):
        await seed(workspace, demo=True)
        keys = ("milestones.milestone", "templates.task_template", "recurring.task_series")
        pages = [await workspace.page(SYSTEM, key, {"count": "true"}) for key in keys]
        counts.append([page.count for page in pages])
    assert counts[0] == counts[1]
    assert all(counts[0])
