"""How values of the model become column values, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
import struct
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import DateTime, Dialect, LargeBinary, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

# PostgreSQL refuses U+0000 and neither driver encodes a lone surrogate: one of them would fail a whole batch.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without the characters that a database refuses."""
    if text.isascii() and "\0" not in text:  # nearly every text, and ten times as fast
        return text
    return _UNSTORABLE.sub("", text)


class CleanText(TypeDecorator[str]):
    """Text that can always be stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes, to the microsecond.

    SQLite has no such type, and SQLAlchemy's own would drop the zone: there it is text of a fixed width, so
    that comparing and ordering are right. A naive datetime is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        in_utc = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return in_utc.replace(tzinfo=None).isoformat(" ", "microseconds")
        return in_utc

    def process_result_value(self, value: datetime | str | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value.astimezone(UTC)


class JsonOf(TypeDecorator[Any]):
    """A frozen value of the model (or a tuple) as JSON text; read back as the same type."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        plain = _storable_tree(self._adapter.dump_python(value))
        return json.dumps(plain, default=datetime.isoformat, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        return None if value is None else self._adapter.validate_json(value)


class PackedIntegers(TypeDecorator[tuple[int, ...]]):
    """A tuple of signed 64-bit integers, eight bytes each."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, _dialect: Dialect) -> bytes | None:
        return None if value is None else struct.pack(f"<{len(value)}q", *value)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> tuple[int, ...] | None:
        return None if value is None else struct.unpack(f"<{len(value) // 8}q", value)


def _storable_tree(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {name: _storable_tree(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable_tree(part) for part in value]
    return value
