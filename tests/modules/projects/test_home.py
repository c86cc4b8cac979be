"""Home says what others did to one's own since the last visit, and nothing one may not see."""

from datetime import timedelta

from mainstay.modules.projects.questions import news_of


async def news(workspace, me, since):
    """Return the news as (title, number of changes, who)."""
    found = await workspace.ws.look(me, lambda ctx: news_of(ctx, since))
    return [(one.title, one.changes, one.who) for one in found]


async def test_changes_of_others_are_counted_by_record(workspace):
    ann, bob, _vic, _sam, project = await workspace.team()
    mine = await workspace.create(
        "task", ann, title="Survey", project_id=project.id, assignee_id=bob.id
    )
    other = await workspace.create("task", ann, title="Paint", project_id=project.id)
    workspace.clock.advance(timedelta(hours=1))
    since = workspace.clock.now()
    workspace.clock.advance(timedelta(minutes=1))
    await workspace.update(mine, ann, title="Survey the roof")
    await workspace.update(mine, ann, priority="high")
    await workspace.update(mine, bob, description="I looked")
    await workspace.update(other, ann, title="Paint the door")
    assert await news(workspace, bob, since) == [(f"{mine.code} Survey the roof", 2, ["Ann"])]
    assert await news(workspace, bob, workspace.clock.now()) == []


async def test_news_of_what_one_may_no_longer_see_is_silent(workspace):
    ann, bob, _vic, _sam, project = await workspace.team()
    mine = await workspace.create(
        "task", ann, title="Survey", project_id=project.id, assignee_id=bob.id
    )
    since = workspace.clock.now()
    workspace.clock.advance(timedelta(minutes=1))
    await workspace.update(mine, ann, title="Secret survey")
    assert await news(workspace, bob, since)
    await workspace.act(project, "remove_member", ann, user_id=bob.id)
    assert await news(workspace, bob, since) == []


async def test_owners_hear_of_their_projects(workspace):
    ann, bob, _vic, _sam, project = await workspace.team()
    since = workspace.clock.now()
    workspace.clock.advance(timedelta(minutes=1))
    lead = await workspace.person("Lea", ("projects.*",))
    await workspace.update(project, lead, name="Solar roof and wall")
    assert await news(workspace, ann, since) == [("Solar roof and wall", 1, ["Lea"])]
    assert await news(workspace, bob, since) == []
