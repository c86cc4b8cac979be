"""A bucket over the wire: what is sent to a server that speaks S3, and what comes back."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from mainstay.facets.files.store import Bucket, open_store
from mainstay.kernel.problems import NotFound, Unavailable
from tests.harness.servers import running

PART = 12_000_000


class FakeS3:
    """The little of S3 that attachments need, in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.signed: list[str] = []
        self.broken = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive()).get("more_body") or message.get("body"):
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.signed.append(headers.get("authorization", ""))
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        key = unquote(scope["path"]).removeprefix("/shelf/").removeprefix("/shelf")
        status, extra, answer = self.answer(scope["method"], key, query, headers, body)
        extra |= {"content-length": str(len(answer))}
        raw = [(name.encode(), value.encode()) for name, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": answer})

    def answer(
        self, method: str, key: str, query: dict, headers: dict, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if self.broken:
            return 403, {}, b"<Error><Code>AccessDenied</Code></Error>"
        if method in ("PUT", "POST", "DELETE"):
            return self.changed(method, key, query, body)
        if "list-type" in query:
            return 200, {}, self.listing()
        if key not in self.objects:
            return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
        return self.sent(self.objects[key], headers.get("range", ""))

    def changed(
        self, method: str, key: str, query: dict, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if "uploads" in query:
            self.parts["u1"] = {}
            return 200, {}, b"<R><UploadId>u1</UploadId></R>"
        if "uploadId" in query and method == "PUT":
            self.parts["u1"][int(query["partNumber"][0])] = body
            return 200, {"etag": f'"{md5(body, usedforsecurity=False).hexdigest()}"'}, b""
        if "uploadId" in query:
            parts = self.parts.pop("u1")
            self.objects[key] = b"".join(parts[n] for n in sorted(parts))
            done = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
            return 200, {}, done.encode()
        if method == "PUT":
            self.objects[key] = body
            return 200, {"etag": '"x"'}, b""
        gone = re.findall(r"<Key>(.*?)</Key>", body.decode())
        for name in gone:
            self.objects.pop(name, None)
        rows = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in gone)
        return 200, {}, f"<DeleteResult>{rows}</DeleteResult>".encode()

    def sent(self, content: bytes, asked: str) -> tuple[int, dict[str, str], bytes]:
        head = {"etag": '"x"', "last-modified": "Fri, 20 Nov 2026 12:00:00 GMT"}
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
        if not found:
            return 200, head, content
        first, last = int(found[1]), min(int(found[2]), len(content) - 1)
        head["content-range"] = f"bytes {first}-{last}/{len(content)}"
        return 206, head, content[first : last + 1]

    def listing(self) -> bytes:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{at}</LastModified><ETag>x</ETag>"
            f"<Size>{len(body)}</Size></Contents>"
            for key, body in self.objects.items()
        )
        start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        return f"{start}<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()


@pytest.fixture
async def shelf(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[FakeS3, Bucket]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "who")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    fake = FakeS3()
    async with running(fake) as url:
        found = open_store(f"s3://shelf/house?endpoint={url}&region=eu-north-1")
        assert isinstance(found, Bucket)
        yield fake, found


async def read(store: Bucket, key: str, start: int, size: int) -> bytes:
    return b"".join([piece async for piece in store.read(key, start, size)])


async def test_contents_go_to_a_bucket_and_come_back(
    shelf: tuple[FakeS3, Bucket], tmp_path: Path
) -> None:
    fake, store = shelf
    for size in (10, PART):
        path = tmp_path / f"{size}.part"
        path.write_bytes(bytes(n % 251 for n in range(1000)) * (size // 1000) or b"0123456789")
        await store.take(path, f"ab/cd/{size}.bin")
        content = path.read_bytes()
        assert fake.objects[f"house/ab/cd/{size}.bin"] == content
        assert await read(store, f"ab/cd/{size}.bin", 0, len(content)) == content
        assert await read(store, f"ab/cd/{size}.bin", 3, 5) == content[3:8]
        assert await store.whole(f"ab/cd/{size}.bin") == content
    assert sorted(key for key, _ in await store.keys()) == ["ab/cd/10.bin", f"ab/cd/{PART}.bin"]
    await store.drop("ab/cd/10.bin")
    await store.drop("ab/cd/10.bin")
    assert len(fake.objects) == 1
    with pytest.raises(NotFound):
        await read(store, "ab/cd/10.bin", 0, 10)
    assert all("AWS4-HMAC-SHA256" in one and "eu-north-1" in one for one in fake.signed)


async def test_a_bucket_that_refuses_is_named_without_its_keys(
    shelf: tuple[FakeS3, Bucket], tmp_path: Path
) -> None:
    fake, store = shelf
    fake.broken = True
    path = tmp_path / "a.part"
    path.write_bytes(b"words")
    with pytest.raises(Unavailable, match="file_store") as refused:
        await store.take(path, "ab/cd/a.txt")
    assert "secret" not in refused.value.detail
