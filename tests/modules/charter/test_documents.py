"""Services named once, and documents whose earlier versions stay."""

from tests.modules.charter.conftest import ON_SQLITE


async def put(charter, who: str, content: bytes, entity: str, record: int) -> int:
    params = {"entity": entity, "record_id": record, "name": "plan.txt"}
    answer = await charter.crowd.call(
        who, "POST", "/api/files/upload", params=params, content=content, status=201
    )
    return int(answer.json()["id"])


DOC = "charter.project_document"


async def test_a_service_stands_once_on_a_projects_list(charter):
    one = await charter.add("services", service_name=" Monitoring ")
    assert one["service_name"] == "Monitoring"
    said = await charter.add("services", code=422, service_name="Monitoring")
    assert said["errors"][0]["message"] == ("is a service of this project already; edit that one")
    two = (await charter.add("services", service_name="monitoring"))["id"]
    await charter.edit("services", two, code=422, service_name="Monitoring")
    other = await charter.another()
    for name in ("Monitoring", "Hosting"):
        await charter.add("services", "lead", project_id=other, service_name=name)
    found = await charter.ask("charter", "service_statistics", "lead")
    # Twice here (in two spellings) and once there: three uses, two projects.
    assert [(s["service"].lower(), s["uses"], s["projects"]) for s in found["services"]] == [
        ("monitoring", 3, 2),
        ("hosting", 1, 1),
    ]
    seen = await charter.ask("charter", "service_statistics", "vera")
    assert [(s["uses"], s["projects"]) for s in seen["services"]] == [(2, 1)]
    assert "Hosting" in await charter.page("/projects/services/use", "lead")
    assert "Hosting" not in await charter.page("/projects/services/use", "vera")
    await charter.add("services", "vera", code=403, service_name="Mine")


async def test_a_new_version_keeps_the_earlier_ones_with_their_files(charter):
    doc = (await charter.add("documents", name="String plan", category="design"))["id"]
    first = await put(charter, "ada", b"one", DOC, doc)
    # Nothing was there yet, so the first file is version 1.0 and supersedes nothing.
    said = await charter.act("documents", doc, "new_version", file_id=first)
    assert (said["revision"], said["file_id"]) == ("1.0", first)
    second = await put(charter, "ada", b"two", DOC, doc)
    said = await charter.act("documents", doc, "new_version", file_id=second, note="House 4")
    assert (said["revision"], said["version_note"], said["status"]) == ("1.1", "House 4", "draft")
    back = said["change"]
    said = await charter.act(
        "documents", doc, "new_version", revision="2.0", file_url="https://example.org/a.pdf"
    )
    assert (said["revision"], said["file_id"], said["revised_by"]) == (
        "2.0",
        None,
        charter.id("ada"),
    )
    path = f"/api/projects/document_versions?document_id={doc}&sort=id"
    kept = (await charter.crowd.call("vera", "GET", path, status=200)).json()["items"]
    assert [(v["revision"], v["status"], v["file_id"]) for v in kept] == [
        ("1.0", "superseded", first),
        ("1.1", "superseded", second),
    ]
    for revision in ("1.0", "2.0"):
        said = await charter.act(
            "documents", doc, "new_version", code=422, revision=revision, file_id=first
        )
        assert said["errors"][0]["field"] == "revision"
    await charter.edit("documents", doc, code=422, revision="1.1")
    html = await charter.page(f"/projects/documents/{doc}")
    assert f"/file/{first}/plan.txt" in html
    assert "https://example.org/a.pdf" in html
    assert 'value="2.1"' in html
    # Not the last change any more: taken back in order only.
    await charter.undo(back, code=409)


@ON_SQLITE
async def test_taking_a_new_version_back(charter):
    doc = await charter.add("documents", name="Permit", file_url="https://example.org/1")
    said = await charter.act(
        "documents", doc["id"], "new_version", file_url="https://example.org/2"
    )
    await charter.undo(said["change"])
    found = await charter.get("documents", doc["id"])
    assert (found["revision"], found["file_url"]) == ("1.0", "https://example.org/1")
    path = f"/api/projects/document_versions?document_id={doc['id']}"
    assert (await charter.crowd.call("ada", "GET", path)).json()["items"] == []
    again = await charter.act(
        "documents", doc["id"], "new_version", file_url="https://example.org/3"
    )
    assert again["revision"] == "1.1"


@ON_SQLITE
async def test_what_a_version_cannot_be(charter):
    doc = (await charter.add("documents", name="Permit", file_url="https://example.org/1"))["id"]
    assert "is needed" in (await charter.act("documents", doc, "new_version", code=422))["detail"]
    said = await charter.act("documents", doc, "new_version", code=422, file_url="ftp://x")
    assert said["errors"][0]["field"] == "file_url"
    for status in ("archived", "superseded"):
        patch = {"status": status}
        await charter.crowd.call("ada", "PATCH", f"/api/projects/documents/{doc}", json=patch)
        said = await charter.act(
            "documents", doc, "new_version", code=409, file_url="https://example.org/2"
        )
        assert said["detail"] == f"This document is {status}. Make it active first."
    await charter.crowd.call(
        "ada", "POST", "/api/projects/document_versions", json={"document_id": doc}, status=405
    )


async def test_a_file_from_elsewhere_is_refused(charter):
    doc = (await charter.add("documents", name="Permit"))["id"]
    other = await charter.another()
    hidden = await put(charter, "lead", b"secret", "projects.project", other)
    said = await charter.act("documents", doc, "new_version", code=422, file_id=hidden)
    assert said["errors"][0]["field"] == "file_id"
    # Who may see both projects may still not carry the file over.
    said = await charter.act("documents", doc, "new_version", "lead", code=422, file_id=hidden)
    assert said["errors"][0]["message"] == (
        "must be a file attached to this document or its project"
    )
    await charter.edit("documents", doc, "lead", code=422, file_id=hidden)
    near = await put(charter, "lead", b"fine", "projects.project", charter.project)
    await charter.act("documents", doc, "new_version", file_id=near)
    # The client may read the document, but not the file, which is not for clients.
    html = await charter.page(f"/projects/documents/{doc}", "carl")
    assert f"/file/{near}/" not in html
    assert "you may not open it" in html
    await charter.act("documents", doc, "new_version", "vera", code=403, file_id=near)
    await charter.act("documents", doc, "new_version", "eve", code=404, file_id=near)
