"""Archive pages are answered from the public folder, as documents are from memory."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from aggregator.web.answer import Answer
from aggregator.web.files import filed_page
from aggregator.web.shelf import Shelf, ShelvedDocument

BODY = b"<feed>" + b"berita " * 500 + b"</feed>"
PATH = b"/feeds/topics/politik/archive-12.atom"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / PATH.decode()[1:]
    file.parent.mkdir(parents=True)
    file.write_bytes(BODY)
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(BODY, mtime=0))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    return tmp_path


def answered(folder: Path, **headers: bytes) -> Answer:
    found = Shelf((), folder=folder).find(PATH)
    assert isinstance(found, ShelvedDocument)
    return found.answer({name.replace("_", "-").encode(): value for name, value in headers.items()}, 1.8e9)


def test_a_page_is_sent_plain_or_packed_and_not_sent_again(folder: Path) -> None:
    tag = hashlib.sha256(BODY).hexdigest()
    plain = answered(folder)
    assert (plain.status, plain.body) == (200, BODY)
    assert f'ETag: "{tag}"'.encode() in plain.head
    assert b"Content-Type: application/atom+xml; charset=utf-8" in plain.head
    assert b"Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT" in plain.head
    packed = answered(folder, accept_encoding=b"br, gzip")
    assert gzip.decompress(packed.body) == BODY
    assert f'ETag: "{tag}-gzip"'.encode() in packed.head
    assert answered(folder, if_none_match=f'"{tag}"'.encode()).status == 304


@pytest.mark.parametrize("beside", [b"", b"x", gzip.compress(b"<feed>another one</feed>", mtime=0)])
def test_a_packed_file_of_other_bytes_is_not_sent(folder: Path, beside: bytes) -> None:
    file = folder / PATH.decode()[1:]
    file.with_name(f"{file.name}.gz").write_bytes(beside)
    assert answered(folder, accept_encoding=b"gzip").body == BODY


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/topics/politik/archive-13.atom",
        "/feeds/topics/politik/archive-12.atom.gz",
        "/feeds/topics/politik/archive-012.atom",
        "/feeds/topics/politik/archive-12.rss",
        "/feeds/../feeds/topics/politik/archive-12.atom",
        "/feeds/topics/./politik/archive-12.atom",
        "/feeds/topics%2Fpolitik/archive-12.atom",
        "/feeds/topics/politik/archive-12.atom\n",
        "//feeds/topics/politik/archive-12.atom",
        "/feeds/all.atom",
        "/.lock",
    ],
)
def test_nothing_else_is_read(folder: Path, path: str) -> None:
    (folder / "feeds/all.atom").write_bytes(BODY)
    assert filed_page(folder, path.encode()) is None
    assert Shelf((), folder=folder).find(path.encode()) is None


def test_without_a_folder_there_are_no_pages() -> None:
    assert Shelf(()).find(PATH) is None
