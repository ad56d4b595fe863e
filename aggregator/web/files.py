"""Archive pages from the public folder: too many to be held in memory, and asked for by few."""

from __future__ import annotations

import hashlib
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

from aggregator.model.document import Document, Packed

# No dot but the last: it never leads out of the folder.
_PAGE = re.compile(rb"/(feeds/[A-Za-z0-9_/-]+/archive-[1-9][0-9]{0,8}\.atom)")
_MEDIA_TYPE = "application/atom+xml"


def filed_page(folder: Path, path: bytes) -> Packed | None:
    """The archive page at a path such as ``/feeds/all/archive-1.atom``, None where there is none.

    Takes about a millisecond. Its ETag is of the bytes read, so it is right while the file is replaced; a packed file
    of other bytes is not used.
    """
    if (named := _PAGE.fullmatch(path)) is None:
        return None
    file = folder / named[1].decode()
    try:
        body, changed_at_s = file.read_bytes(), file.stat().st_mtime
    except OSError:
        return None
    document = Document(named[1].decode(), _MEDIA_TYPE, body, hashlib.sha256(body).hexdigest())
    return Packed(document, datetime.fromtimestamp(changed_at_s, UTC), _gzipped(file, body))


def _gzipped(file: Path, body: bytes) -> dict[str, bytes]:
    """The file beside it, if it holds the same: by checksum and length, its last eight bytes (RFC 1952, 2.3.1)."""
    try:
        packed = file.with_name(f"{file.name}.gz").read_bytes()
    except OSError:
        return {}
    end = zlib.crc32(body).to_bytes(4, "little") + (len(body) % 2**32).to_bytes(4, "little")
    return {"gzip": packed} if packed.endswith(end) else {}
