"""Files that take another's place: in one step, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.store.swap import replace


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("before", [None, b"", b"lama" * 50_000])
def test_the_new_file_stands_alone_under_the_name(tmp_path: Path, before: bytes | None) -> None:
    final, temporary = tmp_path / "berita.rss", tmp_path / ".writing-1"
    temporary.write_bytes(b"baru")
    if before is not None:
        final.write_bytes(before)
    replace(temporary, final)
    assert _files(tmp_path) == {"berita.rss": b"baru"}


def test_who_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    final, temporary = tmp_path / "berita.rss", tmp_path / ".writing-1"
    final.write_bytes(b"lama")
    temporary.write_bytes(b"baru")
    with final.open("rb") as reader:
        replace(temporary, final)
        assert reader.read() == b"lama"
    assert final.read_bytes() == b"baru"


def test_a_folder_in_its_place_stays_as_it_was(tmp_path: Path) -> None:
    final, temporary = tmp_path / "berita.rss", tmp_path / ".writing-1"
    final.mkdir()
    (final / "catatan").write_bytes(b"penting")
    temporary.write_bytes(b"baru")
    with pytest.raises(IsADirectoryError):
        replace(temporary, final)
    assert _files(final) == {"catatan": b"penting"}
    assert temporary.read_bytes() == b"baru"


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere, final, temporary = tmp_path / "lain", tmp_path / "berita.rss", tmp_path / ".writing-1"
    elsewhere.write_bytes(b"lain")
    final.symlink_to(elsewhere)
    temporary.write_bytes(b"baru")
    replace(temporary, final)
    assert not final.is_symlink()
    assert _files(tmp_path) == {"lain": b"lain", "berita.rss": b"baru"}


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    temporary = tmp_path / ".writing-1"
    temporary.write_bytes(b"baru")
    with pytest.raises(FileNotFoundError):
        replace(temporary, tmp_path / "tidak-ada" / "berita.rss")
