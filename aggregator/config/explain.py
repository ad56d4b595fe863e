"""Pydantic's findings in the words of somebody who mends feeds.yaml at 3 a.m."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
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


def explain(details: ErrorDetails, report: Report) -> None:
    """Put one finding of pydantic into the report."""
    loc, kind, value = details["loc"], details["type"], details["input"]
    context = details.get("ctx", {})
    if kind == "missing":
        report.at_mapping(loc, _missing(loc))
    elif kind == "extra_forbidden":
        known = _model_at(loc[:-1]).model_fields
        report.at_key(loc, f"unknown key {shown(loc[-1])}{suggestion(str(loc[-1]), known)}")
    elif loc[-1:] == ("[key]",):
        report.at_key(loc[:-1], "the key must be text of 1 to 500 characters")
    elif not loc:
        report.at_value(loc, f"expected the keys {', '.join(Config.model_fields)}, got {shown(value)}")
    elif kind in _WHOLE:
        report.at_value(loc, _WHOLE[kind].format_map(context))
    else:
        known_words = _EXPECTED.get(kind)
        expected = known_words.format_map(context).replace("'", "") if known_words else details["msg"]
        report.at_value(loc, f"{expected}, got {_got(value, loc, report)}{_remedy(kind, value)}")


def _missing(loc: Loc) -> str:
    field = _model_at(loc[:-1]).model_fields[str(loc[-1])]
    return f'missing key "{loc[-1]}": {field.description}'


def _got(value: object, loc: Loc, report: Report) -> str:
    """The value as the file has it: 014, not 14."""
    return shown(report.raw(loc)) if isinstance(value, int | float) else shown(value)


def _remedy(kind: str, value: object) -> str:
    if value is None:
        return "; write a value, or remove the key to have the default"
    if kind == "string_type" and isinstance(value, int | float):
        return "; put it in quotes"
    if kind == "tuple_type" and isinstance(value, str):
        return "; put it in brackets"
    return ""


def _model_at(loc: Loc) -> type[BaseModel]:
    """The model of the mapping at a location that pydantic reported."""
    model: type[BaseModel] = Config
    for step in loc:
        if isinstance(step, str):
            model = next(models_in(model.model_fields[step].annotation))
    return model


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a field's type is made of: ``tuple[Partner, ...]`` -> Partner."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)
