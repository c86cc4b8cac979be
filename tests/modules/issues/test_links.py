"""Links between issues: their words from both ends, circles, and what is hidden."""

from tests.modules.issues.conftest import ON_SQLITE

WORDS = {
    "blocks": ("Blocks", "Is blocked by"),
    "depends_on": ("Depends on", "Is depended on by"),
    "parent_of": ("Parent of", "Child of"),
    "causes": ("Causes", "Is caused by"),
    "duplicates": ("Duplicates", "Is duplicated by"),
    "follows": ("Follows", "Is followed by"),
    "relates_to": ("Relates to", "Relates to"),
}


async def words(issues, issue: int, who: str = "ada") -> list[str]:
    return [one["words"] for one in (await issues.ask("issue_links", who, issue_id=issue))["links"]]


async def test_every_link_shows_on_both_issues(issues):
    one, other = [(await issues.add(f"Light {n}"))["id"] for n in "ab"]
    for kind, (here, there) in WORDS.items():
        made = await issues.link(one, kind, other)
        assert await words(issues, one) == [here]
        assert await words(issues, other) == [there]
        assert there in await issues.page(f"/issues/issues/{other}")
        await issues.call("ada", "DELETE", f"issues/links/{made['id']}", 200)
    await issues.link(one, "relates_to", other)
    await issues.link(other, "relates_to", one, code=409)
    await issues.link(one, "relates_to", one, code=422)

    # Circles are refused with their path; blocking and depending are one thing from two ends.
    for kind in ("blocks", "depends_on", "parent_of"):
        made = [await issues.add(f"Lamp {n}") for n in "abc"]
        a, b, c = [issue["id"] for issue in made]
        await issues.link(a, kind, b)
        await issues.link(b, kind, c)
        said = (await issues.link(c, kind, a, code=409))["detail"]
        assert all(issue["code"] in said for issue in made)
        if kind == "blocks":
            await issues.link(a, "depends_on", c, code=409)
            await issues.link(a, "causes", c)
            await issues.link(c, "causes", a)


@ON_SQLITE
async def test_a_restored_link_cannot_close_a_circle(issues):
    a, b = [(await issues.add(f"Light {n}"))["id"] for n in "ab"]
    link = await issues.link(a, "blocks", b)
    gone = await issues.call("ada", "DELETE", f"issues/links/{link['id']}", 200)
    await issues.link(b, "blocks", a)
    await issues.call("ada", "POST", f"issues/links/{link['id']}/restore", 409, json={})
    await issues.undo(gone["change"], code=409)


@ON_SQLITE
async def test_issues_of_other_projects_are_not_revealed(issues):
    mine = (await issues.add("Light"))["id"]
    other = await issues.another()
    secret = (await issues.add("Secret plan", "lead", project_id=other))["id"]
    said = await issues.link(mine, "blocks", secret, code=422)
    assert "Secret" not in str(said)
    link = await issues.link(mine, "blocks", secret, "lead")
    assert await words(issues, mine, "lead") == ["Blocks"]
    assert await words(issues, mine) == []
    assert "Secret plan" not in await issues.page(f"/issues/issues/{mine}")
    await issues.call("ada", "GET", f"issues/links/{link['id']}", 404)
    found = await issues.call("ada", "GET", "issues/links", 200)
    assert found["items"] == []
    await issues.act(mine, "mark_duplicate", code=422, original_id=secret)
    # A circle through what is hidden names no code of it.
    after = (await issues.add("After"))["id"]
    await issues.link(secret, "blocks", after, "lead")
    said = (await issues.link(after, "blocks", mine, code=409))["detail"]
    assert "a hidden issue" in said
