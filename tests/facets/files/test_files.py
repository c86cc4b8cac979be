"""Files: arriving, kept once, fetched in parts, seen by scope, versions, the bin, the store."""

import asyncio
import errno
import hashlib
import struct
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from mainstay.facets.files import arrive, kinds, pictures, store
from mainstay.facets.files.entities import File
from mainstay.facets.files.tidy import sweep
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from tests.harness.crowd import Crowd

PATH = "/api/files/files"
PDF = b"%PDF-1.7\n" + b"x" * 5000


def picture(width: int = 40, height: int = 30, form: str = "PNG", **more: object) -> bytes:
    packed = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(packed, form, **more)
    return packed.getvalue()


def folder(crowd: Crowd) -> Path:
    found = arrive.store_of(crowd.ws)
    assert isinstance(found, store.Folder)
    return found.root


def kept(crowd: Crowd) -> list[str]:
    root = folder(crowd)
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def settings(crowd: Crowd, **values: object) -> None:
    crowd.ws.settings = msgspec.structs.replace(crowd.ws.settings, **values)


async def test_a_file_arrives_and_leaves_as_it_was(crowd: Crowd) -> None:
    made = await crowd.attach("ada", "Plan für Dach.pdf", PDF)
    digest = hashlib.sha256(PDF).hexdigest()
    assert (made["size"], made["mime"], made["digest"]) == (len(PDF), "application/pdf", digest)
    assert not {"path", "thumbnail"} & set(made)
    assert kept(crowd) == [f"{digest[:2]}/{digest[2:4]}/{digest}.pdf"]
    answer = await crowd.call("ben", "GET", f"/file/{made['id']}/x", status=200)
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''Plan%20f%C3%BCr%20Dach.pdf" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    again = await crowd.call(
        "ben", "GET", f"/file/{made['id']}/x", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    history = await crowd.call("ada", "GET", f"{PATH}/{made['id']}/history", status=200)
    assert digest[:12] not in str((await crowd.call("ada", "GET", f"{PATH}?fields=name")).text)
    assert f"{digest}.pdf" not in history.text


async def test_parts_of_a_file(crowd: Crowd) -> None:
    made = await crowd.attach("ada", "plan.pdf", PDF)
    at = f"/file/{made['id']}/plan.pdf"
    size = len(PDF)
    for asked, part in (
        ("bytes=0-3", PDF[:4]),
        ("bytes=5000-", PDF[5000:]),
        ("bytes=-9", PDF[-9:]),
        (f"bytes=0-{size * 2}", PDF),
    ):
        answer = await crowd.call("ada", "GET", at, headers={"range": asked})
        assert answer.content == part, asked
        assert answer.status_code == (200 if part == PDF else 206)
    for asked in (f"bytes={size}-", "bytes=9-3", "bytes=-0"):
        answer = await crowd.call("ada", "GET", at, headers={"range": asked})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    for asked in ("bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes=-"):
        answer = await crowd.call("ada", "GET", at, headers={"range": asked})
        assert answer.status_code == 200
    stale = {"range": "bytes=0-3", "if-range": '"another"'}
    assert (await crowd.call("ada", "GET", at, headers=stale)).status_code == 200


async def test_the_same_content_is_kept_once_and_swept_with_its_last_row(crowd: Crowd) -> None:
    one = await crowd.attach("ada", "a.pdf", PDF)
    two = await crowd.attach("ben", "b.pdf", PDF)
    assert len(kept(crowd)) == 1
    later = crowd.ws.clock.now() + timedelta(days=40)

    class Later:
        def now(self) -> object:
            return later

    await crowd.call("ada", "DELETE", f"{PATH}/{one['id']}", status=200)
    usual, crowd.ws.clock = crowd.ws.clock, Later()  # type: ignore[assignment]
    await sweep(crowd.ws, {})
    assert len(kept(crowd)) == 1, "another row still needs it"
    crowd.ws.clock = usual
    await crowd.call("ada", "GET", f"{PATH}?deleted=with&id={one['id']}")
    await crowd.call("ben", "DELETE", f"{PATH}/{two['id']}", status=200)
    await sweep(crowd.ws, {})
    assert len(kept(crowd)) == 1, "what is in the bin can still be restored"
    crowd.ws.clock = Later()  # type: ignore[assignment]
    await sweep(crowd.ws, {})
    assert kept(crowd) == []
    crowd.ws.clock = usual
    gone = await crowd.call("ben", "GET", f"{PATH}?deleted=with", status=200)
    assert gone.json()["items"] == []


async def test_who_sees_and_fetches_which_files(crowd: Crowd) -> None:
    private = await crowd.attach("ada", "inside.txt", b"costs: 12")
    public = await crowd.attach("ada", "outside.txt", b"welcome", is_public=True)
    for who, sees in (("ben", 2), ("vera", 2), ("carl", 1), ("eve", 0), ("admin", 2)):
        found = await crowd.call(who, "GET", f"{PATH}?count=true", status=200)
        assert found.json()["count"] == sees, who
        for file, status in (
            (private, 200 if sees == 2 else 404),
            (public, 200 if sees else 404),
        ):
            for path in (f"/file/{file['id']}/x.txt", f"{PATH}/{file['id']}"):
                await crowd.call(who, "GET", path, status=status)
            inline = await crowd.call(who, "GET", f"/file/{file['id']}/x.txt?inline=1")
            assert inline.status_code == status
            for part in ("versions", "edit"):
                answer = await crowd.call(who, "GET", f"/attached/{file['id']}/{part}")
                assert answer.status_code in (status, 403), (who, part)
    await crowd.call("", "GET", f"/file/{public['id']}/x.txt", status=303)
    for odd in ("0", "-1", "x", "9" * 30, "1e3", "٣"):
        answer = await crowd.call("ada", "GET", f"/file/{odd}/x.txt")
        assert answer.status_code == 404, odd
    await crowd.call("carl", "PATCH", f"{PATH}/{public['id']}", json={"name": "n.txt"}, status=403)
    sent = await crowd.attach("carl", "mine.txt", b"from a client")
    assert sent["is_public"] is True, "a client sees what a client sends"
    for who, status in (("vera", 403), ("eve", 422), ("", 401)):
        await crowd.attach(who, "no.txt", b"x", status=status)
    await crowd.call("ben", "DELETE", f"{PATH}/{private['id']}", status=403)
    await crowd.call("lead", "DELETE", f"{PATH}/{private['id']}", status=200)
    await crowd.call("ada", "GET", f"/file/{private['id']}/x.txt", status=404)


async def test_a_file_goes_only_where_its_sender_may_look(crowd: Crowd) -> None:
    for entity, record, status in (
        ("identity.user", 1, 422),
        ("projects.task", 999999, 422),
        ("projects.task", 0, 422),
        ("nothing", 1, 422),
    ):
        await crowd.attach("ada", "a.txt", b"x", entity=entity, record_id=record, status=status)
    await crowd.call("ada", "DELETE", f"/api/projects/tasks/{crowd.task}", status=200)
    assert "bin" in (await crowd.attach("ada", "a.txt", b"x", status=409))["detail"]
    assert kept(crowd) == []


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.exe", b"MZ\x90\x00", 415),
        ("a.png", b"<script>alert(1)</script>", 415),
        ("a.png", b"MZ\x90\x00\x03", 415),
        ("a.txt", b"MZ\x90\x00\x03\x00", 415),
        ("a.pdf", b"PK\x03\x04", 415),
        ("a.jpg", picture(), 415),
        ("a.", b"\x00\x01\x02", 415),
        ("a.php", b"<?php", 415),
        ("a.txt", b"", 422),
        ("", b"words", 422),
        ("..", b"words", 422),
    ],
)
async def test_what_is_not_accepted(crowd: Crowd, name: str, content: bytes, status: int) -> None:
    refused = await crowd.attach("ada", name, content, status=status)
    assert refused["detail"]
    assert kept(crowd) == []


@pytest.mark.parametrize(
    ("given", "kept_name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("/abs/olute.txt", "olute.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
        ("a\u202etxt.exe.txt", "atxt.exe.txt"),
        ('näme “quoted” "x".txt', 'näme “quoted” "x".txt'),
        ("x" * 400 + ".txt", ""),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
        ("...hidden.txt", "hidden.txt"),
    ],
)
async def test_tricks_in_names(crowd: Crowd, given: str, kept_name: str) -> None:
    made = await crowd.attach("ada", given, b"words")
    if kept_name:
        assert made["name"] == kept_name
    assert len(made["name"].encode()) <= 200
    answer = await crowd.call("ada", "GET", f"/file/{made['id']}/x.txt", status=200)
    assert "set-cookie" not in answer.headers
    assert "\n" not in answer.headers["content-disposition"]
    assert all(path.count("/") == 2 for path in kept(crowd))
    page = (await crowd.call("ada", "GET", f"/projects/tasks/{crowd.task}", status=200)).text
    assert "<img src=x" not in page


async def test_nothing_that_could_run_is_shown(crowd: Crowd) -> None:
    for name, content in (
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.xml", b"<?xml version='1.0'?><x/>"),
        ("a.eml", b"From: a\n\n<script>alert(1)</script>"),
    ):
        made = await crowd.attach("ada", name, content)
        answer = await crowd.call("ada", "GET", f"/file/{made['id']}/{name}?inline=1", status=200)
        how = answer.headers["content-disposition"].partition(";")[0]
        if name != "a.xml":
            assert how == "attachment", name
        assert answer.headers["content-type"].partition(";")[0] in (
            "application/octet-stream",
            "text/plain",
        )
        assert "sandbox" in answer.headers["content-security-policy"]
    text = await crowd.attach("ada", "a.md", b"<script>alert(1)</script>")
    answer = await crowd.call("ada", "GET", f"/file/{text['id']}/a.md?inline=1", status=200)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"].startswith("inline")


async def test_pictures_are_measured_and_made_small_without_notes(crowd: Crowd) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"
    made = await crowd.attach("ada", "a.jpg", picture(900, 600, "JPEG", exif=exif))
    assert (made["width"], made["height"]) == (600, 900), "as it is meant to be held"
    small = await crowd.call("ben", "GET", f"/file/{made['id']}/a.jpg?small=1", status=200)
    assert small.headers["content-type"] == "image/webp"
    assert b"taken at home" not in small.content
    with Image.open(BytesIO(small.content)) as image:
        assert image.size == (320, 480)
        assert not image.getexif()
    plain = await crowd.attach("ada", "a.txt", b"words")
    await crowd.call("ada", "GET", f"/file/{plain['id']}/a.txt?small=1", status=404)


async def test_a_picture_of_a_billion_pixels_is_not_unpacked(crowd: Crowd) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    bomb += chunk(b"IDAT", zlib.compress(b"\x00" * 100_000)) + chunk(b"IEND", b"")
    made = await crowd.attach("ada", "big.png", bomb)
    assert (made["width"], made["height"]) == (30000, 30000)
    await crowd.call("ada", "GET", f"/file/{made['id']}/big.png?small=1", status=404)
    broken = await crowd.attach("ada", "broken.png", picture()[:60])
    assert broken["width"] in (None, 40)


async def test_versions_follow_one_another(crowd: Crowd) -> None:
    first = await crowd.attach("ada", "plan.pdf", PDF)
    both = await asyncio.gather(
        *(
            crowd.attach(who, "plan.pdf", PDF + who.encode(), first_id=first["id"])
            for who in ("ada", "ben")
        )
    )
    assert sorted(one["revision"] for one in both) == [2, 3]
    last = max(both, key=lambda one: one["revision"])
    fourth = await crowd.attach("ada", "plan.pdf", PDF + b"4", first_id=last["id"])
    assert (fourth["revision"], fourth["first_id"]) == (4, first["id"])
    await crowd.attach("ada", "plan.txt", b"words", first_id=first["id"], status=415)
    shown = (await crowd.call("ben", "GET", f"/attached/{fourth['id']}/versions", status=200)).text
    assert shown.count("<li>") == 4
    page = (await crowd.call("ben", "GET", f"/projects/tasks/{crowd.task}", status=200)).text
    assert page.count('class="file"') == 1
    old = await crowd.call("ben", "GET", f"/file/{first['id']}/plan.pdf", status=200)
    assert old.content == PDF

    gone = await crowd.call("ada", "DELETE", f"{PATH}/{fourth['id']}", status=200)
    left = await crowd.call("ada", "GET", PATH, status=200)
    assert left.json()["items"] == [], "all versions go together"
    await crowd.call("ada", "POST", f"/api/changes/{gone.headers['x-change-set']}/undo", status=200)
    assert len((await crowd.call("ada", "GET", PATH)).json()["items"]) == 4
    await crowd.call("ada", "DELETE", f"{PATH}/{fourth['id']}", status=200)
    await crowd.call("ada", "POST", f"{PATH}/{fourth['id']}/restore", status=200)
    assert len((await crowd.call("ada", "GET", PATH)).json()["items"]) == 4
    undone = await crowd.call("ada", "POST", f"/api/changes/{fourth['change']}/undo")
    assert undone.status_code in (200, 409)
    elsewhere = await crowd.samples.record(
        crowd.ws.registry.noun("projects.task"), project_id=crowd.project
    )
    await crowd.attach(
        "ada", "x.pdf", PDF, record_id=elsewhere.id, first_id=first["id"], status=422
    )


async def test_names_and_descriptions_are_changed(crowd: Crowd) -> None:
    made = await crowd.attach("ada", "plan.pdf", PDF)
    one = f"{PATH}/{made['id']}"
    changed = await crowd.call(
        "ben", "PATCH", one, json={"name": "../roof.pdf", "description": "North"}, status=200
    )
    assert changed.json()["name"] == "roof.pdf"
    for name in ("roof.html", "roof", ".pdf", ""):
        await crowd.call("ben", "PATCH", one, json={"name": name}, status=422)
    for name in ("mime", "path", "digest", "size", "storage", "first_id"):
        await crowd.call("ben", "PATCH", one, json={name: "x"}, status=422)
    undo = changed.headers["x-change-set"]
    await crowd.call("ben", "POST", f"/api/changes/{undo}/undo", status=200)
    assert (await crowd.call("ben", "GET", one)).json()["name"] == "plan.pdf"


async def test_limits_of_size_type_and_quota_are_named(crowd: Crowd) -> None:
    big = await crowd.attach("ada", "a.txt", b"x" * 20_000_001, status=413)
    assert "20,000,000" in big["detail"]
    settings(crowd, file_types=("png", ".TXT"))
    refused = await crowd.attach("ada", "a.pdf", PDF, status=415)
    assert "png, txt" in refused["detail"]
    await crowd.attach("ada", "a.txt", b"x" * 900)
    settings(crowd, file_types=(), file_quota_bytes=1000)
    refused = await crowd.attach("ada", "b.txt", b"y" * 200, status=413)
    assert "1 kB" in refused["detail"]
    await crowd.attach("ada", "same.txt", b"z" * 50)
    assert len(kept(crowd)) == 2


async def test_a_form_and_an_endless_body(crowd: Crowd) -> None:
    params = {"entity": "projects.task", "record_id": crowd.task}
    files = {"file": ("plan.pdf", PDF, "text/html")}
    made = await crowd.call("ada", "POST", "/api/files/upload", params=params, files=files)
    assert (made.status_code, made.json()["mime"]) == (201, "application/pdf")
    two = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    await crowd.call("ada", "POST", "/api/files/upload", params=params, files=two, status=400)

    async def endless():
        for _ in range(30):
            yield b"x" * 1_000_000

    await crowd.call(
        "ada",
        "POST",
        "/api/files/upload",
        params=params | {"name": "a.txt"},
        content=endless(),
        status=413,
    )
    await crowd.call("ada", "POST", "/api/files/upload", params=params | {"oops": 1}, status=400)
    assert len(kept(crowd)) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
async def test_a_full_disk_leaves_nothing(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    usual = arrive.Arrival._put

    def full(self: arrive.Arrival, file: object, piece: bytes) -> None:
        usual(self, file, piece[: len(piece) // 2])  # type: ignore[arg-type]
        raise OSError(code, "no")

    monkeypatch.setattr(arrive.Arrival, "_put", full)
    refused = await crowd.attach("ada", "a.pdf", PDF, status=507)
    assert "kept" in refused["detail"]
    assert kept(crowd) == []
    monkeypatch.undo()
    monkeypatch.setattr(store.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(code, "no")))
    await crowd.attach("ada", "a.pdf", PDF, status=507)
    monkeypatch.undo()
    assert [path for path in kept(crowd) if "arriving" in path] == []


async def test_a_bucket_keeps_files_as_a_folder_does(crowd: Crowd) -> None:
    settings(crowd, file_store="memory://one")
    made = await crowd.attach("ada", "a.png", picture(900, 600))
    assert made["storage"] == "s3"
    whole = await crowd.call("ben", "GET", f"/file/{made['id']}/a.png", status=200)
    assert whole.content == picture(900, 600)
    part = await crowd.call(
        "ben", "GET", f"/file/{made['id']}/a.png", headers={"range": "bytes=1-3"}, status=206
    )
    assert part.content == b"PNG"
    small = await crowd.call("ben", "GET", f"/file/{made['id']}/a.png?small=1", status=200)
    assert small.content[8:12] == b"WEBP"
    bucket = arrive.store_of(crowd.ws)
    assert len(await bucket.keys()) == 2
    for key, _ in await bucket.keys():
        await bucket.drop(key)
        await bucket.drop(key)
    gone = await crowd.call("ben", "GET", f"/file/{made['id']}/a.png")
    assert gone.status_code == 404


async def test_a_lost_content_is_said(crowd: Crowd) -> None:
    made = await crowd.attach("ada", "plan.pdf", PDF)
    for path in kept(crowd):
        (folder(crowd) / path).unlink()
    answer = await crowd.call("ada", "GET", f"/file/{made['id']}/plan.pdf", status=404)
    assert "backup" in answer.text


async def test_ten_at_once(crowd: Crowd) -> None:
    made = await asyncio.gather(
        *(crowd.attach("ada", f"{n}.txt", b"same" if n % 2 else b"%d" % n) for n in range(10))
    )
    assert len({one["id"] for one in made}) == 10
    assert len(kept(crowd)) == 6

    async def rows(ctx: Context) -> int:
        return len(await ctx.all(File, anywhere=True))

    assert await crowd.ws.look(SYSTEM, rows) == 10


def test_every_kind_has_an_icon_and_sizes_are_spoken() -> None:
    for kind in kinds.KINDS.values():
        assert kinds.icon_of(kind.mime)
    assert [kinds.spoken_size(n) for n in (0, 999, 1000, 1500, 104_857_600)] == [
        "0 B",
        "999 B",
        "1 kB",
        "1.5 kB",
        "105 MB",
    ]


async def test_pictures_that_lie_are_no_pictures(tmp_path: Path) -> None:
    for name, content in (("a.png", b"\x89PNG\r\n\x1a\nrubbish"), ("b.gif", b"GIF89a")):
        path = tmp_path / name
        path.write_bytes(content)
        assert await pictures.look(path) is None
