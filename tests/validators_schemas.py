"""The RELAX NG schemas of tests/validators/schemas, and the reference documents of bench/clients that they pass."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

SCHEMAS = Path(__file__).parent / "validators" / "schemas"
REFERENCE = Path(__file__).parents[1] / "bench" / "clients" / "reference"
FAMILIES = ("atom", "opml", "rss", "sitemap")


def schema_problems(family: str, body: bytes) -> list[str]:
    """What libxml2 finds wrong with a document of ``family``, each as ``line: message``; [] when nothing is."""
    schema = _schema(family)
    schema.validate(etree.fromstring(body))
    return [f"{error.line}: {error.message}" for error in schema.error_log]


@cache
def _schema(family: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / f"{family}.rng"))


def reference(family: str) -> str:
    """The hand-made document of ``family``: simple and without a fault."""
    return (REFERENCE / f"reference.{family}").read_text("utf-8")


def mutated(family: str, old: str, new: str) -> bytes:
    """The reference document with one place changed; ``old`` must stand in it, and its first occurrence counts."""
    document = reference(family)
    assert old in document, old
    return document.replace(old, new, 1).encode()
