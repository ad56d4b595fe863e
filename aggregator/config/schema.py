"""The JSON Schema of feeds.yaml, for editors that complete and check while one types."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from aggregator.config.model import Config
from aggregator.config.types import format_duration, format_size


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. What spans several keys is checked by ``config.load`` only."""
    schema = Config.model_json_schema(schema_generator=_InTheFilesUnits)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "feeds.yaml of aggregator"}


class _InTheFilesUnits(GenerateJsonSchema):
    """Defaults as the file would have them: 7d and 10MB, not ISO 8601 and a bare number."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key is left out, not written without a value."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if found.get("type") == "string" and isinstance(found.get("default"), int):
            found["default"] = format_size(found["default"])
        return found

    def encode_default(self, dft: Any) -> Any:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)
