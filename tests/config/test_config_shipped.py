"""The shipped file, the sample of the contract, the JSON Schema and the reference agree with the model."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from config_sample import SAMPLE, changed, load
from pydantic import BaseModel

from aggregator.config.effect import not_yet_in_effect
from aggregator.config.explain import models_in
from aggregator.config.load import load_config
from aggregator.config.model import Config
from aggregator.config.schema import json_schema
from aggregator.config.types import format_duration, format_size, parse_duration, parse_size
from aggregator.config.yaml_nodes import read_yaml

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
CONTRACT = SHARED / "feeds.sample.yaml"
TAXONOMY = SHARED / "domain" / "taxonomy.tsv"
SECRETS = {"ALERT_WEBHOOK": "https://hooks.example/x"}


def schema_mistakes(text: str) -> list[str]:
    values = json.loads(json.dumps(read_yaml(text).values))
    validator = jsonschema.Draft202012Validator(json_schema())
    return [error.json_path for error in validator.iter_errors(values)]


def test_the_shipped_file_loads_without_an_environment() -> None:
    config = load_config(ROOT / "feeds.yaml", {})
    assert [partner.name for partner in config.partners] == ["Pikiran Rakyat", "Indonesia Daily"]
    assert len(config.topics) == 10
    assert "nasional" not in {category for topic in config.topics for category in topic.categories}
    assert not_yet_in_effect(config) == ()
    assert schema_mistakes((ROOT / "feeds.yaml").read_text(encoding="utf-8")) == []


@pytest.mark.skipif(not TAXONOMY.exists(), reason="the shared taxonomy is not here")
def test_the_shipped_topics_are_those_of_the_taxonomy() -> None:
    topics = {topic.id: topic for topic in load_config(ROOT / "feeds.yaml", {}).topics}
    with TAXONOMY.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if not row["topic"].startswith("(")]
    assert list(topics) == [row["topic"] for row in rows]
    for row in rows:
        topic = topics[row["topic"]]
        assert set(row["feed_channel_and_category_strings"].split("|")) <= set(topic.categories)
        assert topic.iptc == (
            row["iptc_primary"].split()[0] if row["iptc_primary"].startswith("medtop") else None
        )


@pytest.mark.skipif(not CONTRACT.exists(), reason="the shared contract is not here")
def test_the_sample_of_the_contract_loads_and_fits_the_schema() -> None:
    config = load_config(CONTRACT, SECRETS)
    assert [sentence.split(" ")[0] for sentence in not_yet_in_effect(config)] == [
        "outputs.retired:",
    ]
    assert schema_mistakes(CONTRACT.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("every: 15m", "every: 15", "$.sources[0].every"),
        ("every: 15m", "evry: 15m", "$.sources[0]"),
        ("  name: Jambi Seru\n", "", "$.site"),
        ("pemilu: 3", "pemilu: 30", "$.topics[0].keywords.pemilu"),
        ("- id: politik", "- id: Politik", "$.topics[0].id"),
        ("2022-11-01", "soon", "$.partners[0].terms.valid_from"),
        ("embargo: 30m", "expires_after:", "$.partners[0].terms.expires_after"),
        ("https://paper.example/feed/", "paper.example", "$.sources[1].url"),
        ("https://paper.example/feed/", "https://u:p@paper.example", "$.sources[1].url"),
    ],
)
def test_the_schema_finds_what_one_key_gets_wrong(old: str, new: str, path: str) -> None:
    assert schema_mistakes(SAMPLE) == []
    assert path in schema_mistakes(changed(old, new))


def test_the_schema_is_one_and_has_words_for_every_key() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    keys = [key for model in [schema, *schema["$defs"].values()] for key in model["properties"].values()]
    assert all(key.get("description") for key in keys)
    assert schema["$defs"]["FetchRules"]["properties"]["max_body"]["default"] == "10MB"
    assert schema["$defs"]["Keep"]["properties"]["stories"]["default"] == "400d"


def model_keys(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, type[BaseModel], str]]:
    """Every key of the file as the reference names it (``partners[].terms.licence``), with its model and field."""
    for name, field in model.model_fields.items():
        yield above + name, model, name
        for inner in models_in(field.annotation):
            yield from model_keys(inner, f"{above}{name}{'[]' if 'tuple' in str(field.annotation) else ''}.")


def documented_default(model: type[BaseModel], name: str) -> str:
    """The default as the reference has it, in the units of the file."""
    schema = json_schema()
    default = schema["$defs"].get(model.__name__, schema)["properties"][name].get("default", "see below")
    if model.model_fields[name].is_required():
        return "required"
    if model.model_fields[name].default_factory is dict:
        return "empty"
    if default is None or default == "see below":
        return default or "none"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def test_the_reference_names_every_key_with_its_default_and_no_other() -> None:
    text = (ROOT / "docs" / "feeds.yaml.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([a-z_.\[\]]+)` \|.*\| ([^|]+) \|$", text, re.MULTILINE))
    assert documented == {key: documented_default(model, name) for key, model, name in model_keys(Config)}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "every: 15m",
            "every: 15m, full_text: article",
            "sources[].full_text article needs terms.content full",
        ),
        ("outputs:\n", "keep: {raw: 1d}\noutputs:\n", "keep.raw is not in effect yet"),
        (
            "moved_to: topics/politik",
            "moved_to: topics/x",
            "topics/lama moved to topics/x, which is not published",
        ),
    ],
)
def test_what_is_only_read_is_said(old: str, new: str, words: str) -> None:
    assert any(words in sentence for sentence in not_yet_in_effect(load(changed(old, new))))


@pytest.mark.parametrize("text", ["1s", "90s", "15m", "2h", "7d", "0s"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize(
    ("text", "size_bytes"), [("1B", 1), ("500kB", 500_000), ("10MB", 10_000_000), ("1GB", 10**9)]
)
def test_sizes_are_written_as_they_are_read(text: str, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes
    assert format_size(size_bytes) == text
