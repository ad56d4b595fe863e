"""Pydantic's findings in the words of somebody who mends feeds.yaml at 3 a.m."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from aggregator.config.model import Config
from aggregator.config.report import Report, suggestion
from aggregator.config.types import shown
from aggregator.config.yaml_nodes import Loc

_EXPECTED = {
    "model_type": "expected a mapping (key: value)",
    "dict_type": "expected a mapping (key: value)",
    "tuple_type": "expected a list in brackets, or a line with a dash for each",
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "greater_than_equal": "expected a number of at least {ge}",
    "less_than_equal": "expected a number of at most {le}",
    "literal_error": "expected {expected}",
}
_WHOLE = {  # messages that gain nothing from the value
    "string_too_short": "expected some text, but it is empty",
    "string_too_long": "expected at most {max_length} characters",
    "string_unicode": "the text holds half a character pair; retype it",
    "too_short": "expected at least one, but the list is empty",
    "value_error": "{error}",
}
# What to write where quotes alone would not help.
_TEXTS: dict[Loc, str] = {("hub",): "; write own, or the address of another's hub"}


def explain(details: ErrorDetails, report: Report) -> None:
    """Put one finding of pydantic into the report."""
    loc, kind, value = details["loc"], details["type"], details["input"]
    context = details.get("ctx", {})
    if kind == "too_short" and value:
        return  # pydantic counts what is right; what is wrong has its own message
    if kind == "missing":
        report.at_mapping(loc, _missing(loc))
    elif kind == "extra_forbidden":
        report.at_key(loc, _unknown(loc))
    elif loc[-1:] == ("[key]",):
        words = _WHOLE["value_error"].format_map(context) if kind == "value_error" else ""
        report.at_key(loc[:-1], words or "the key must be text of 1 to 500 characters")
    elif not loc:
        report.at_value(loc, f"expected the keys {', '.join(Config.model_fields)}, got {shown(value)}")
    elif kind in _WHOLE:
        report.at_value(loc, _WHOLE[kind].format_map(context))
    else:
        known_words = _EXPECTED.get(kind)
        expected = known_words.format_map(context).replace("'", "") if known_words else details["msg"]
        report.at_value(loc, f"{expected}, got {_got(value, loc, report)}{_remedy(kind, value, loc)}")


def first_words(error: ValidationError) -> str:
    """What is wrong with a value that stands in no file yet."""
    details = error.errors(include_url=False)[0]
    return _WHOLE.get(details["type"], details["msg"]).format_map(details.get("ctx", {}))


def _missing(loc: Loc) -> str:
    return f'missing key "{loc[-1]}": {_fields_at(loc[:-1])[str(loc[-1])].description}'


def _unknown(loc: Loc) -> str:
    key, known = str(loc[-1]), _fields_at(loc[:-1])
    name, colon, _ = key.partition(":")
    if colon and name in known:
        return f'"{name}:" needs a space after the colon'  # what follows may be a secret
    if re.search("[“”„]", key):
        return f"unknown key {shown(key)}; curly quotes are no quotes; use straight ones"
    return f"unknown key {shown(key)}{suggestion(key, known)}"


def _got(value: object, loc: Loc, report: Report) -> str:
    """The value as the file has it: 014, not 14. Text that should not be in alerts may be the secret."""
    if loc[:1] == ("alerts",) and isinstance(value, str):
        return "text"
    # One value that stands for a list of it is read as its first.
    return shown(report.raw(loc) or report.raw(loc[:-1])) if isinstance(value, int | float) else shown(value)


def _remedy(kind: str, value: object, loc: Loc) -> str:
    if value is None:
        return _value_needed(field_at(loc))
    if kind == "string_type":
        return _TEXTS.get(loc, "; put it in quotes" if isinstance(value, int | float) else "")
    if kind == "int_type" and isinstance(value, str) and value.isascii() and value.isdigit():
        return "; leave the quotes out"
    if kind == "tuple_type" and isinstance(value, str | dict):
        keys = [value] if isinstance(value, str) else value
        if any(str(key).startswith("-") for key in keys):
            return "; a dash needs a space after it"
        return "; put it in brackets" if isinstance(value, str) else ""
    return ""


def _value_needed(field: FieldInfo | None) -> str:
    if field is None:
        return "; write a value, or remove it"
    if field.is_required():
        return "; write a value, the key is required"
    return "; write a value, or remove the key to have the default"


def field_at(loc: Loc) -> FieldInfo | None:
    """The field of the key at a location; None for an item of a list, a word of keywords and an unknown key."""
    return _fields_at(loc[:-1]).get(str(loc[-1])) if loc else None


def _fields_at(loc: Loc) -> dict[str, FieldInfo]:
    """What the mapping at a location may hold, or each mapping of the list there; empty when all is free."""
    fields = Config.model_fields
    for step in loc:
        if isinstance(step, str):
            field = fields.get(step)
            model = next(models_in(field.annotation), None) if field else None
            fields = model.model_fields if model else {}
    return fields


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a field's type is made of: ``tuple[Partner, ...]`` -> Partner."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)
