"""XML that was checked by ``precheck`` to a tree, read around small damage."""

from __future__ import annotations

import html
import re
from typing import Any

from lxml import etree

from aggregator.errors import ParseError
from aggregator.intake.precheck import CheckedDocument

_AMPERSAND = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|&(?:#[0-9]+;|#x[0-9a-fA-F]+;|(?P<name>[A-Za-z][A-Za-z0-9]*);)?",
    re.DOTALL,
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})

Element = Any  # lxml-stubs' _Element has no public name


def read_tree(document: CheckedDocument, what: str) -> tuple[Element, tuple[str, ...]]:
    """The document's root element and what is wrong with it, in words that call it ``what``. Raises ParseError.

    The document has no type any more, so that no entity can be declared. Names that HTML declares become
    their characters, and an ampersand that begins nothing is one: both are common, and libxml2 drops them.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_AMPERSAND.sub(_known, document.text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"the {what} cannot be read: {error}") from error
    if root is None:
        raise ParseError(f"the {what} cannot be read: nothing in it is XML")
    damage = document.problems
    if parser.error_log and not damage:
        reason = parser.error_log[0].message
        damage = (f"the {what} is not well-formed and was read leniently: {reason}",)
    return root, damage


def local_name(element: Element) -> str:
    """An element's name without namespace, or without a prefix that was never declared; '' for an entity."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _known(match: re.Match[str]) -> str:
    """What XML knows as it stands; a name of HTML's as its character; '&amp;' for any other ampersand."""
    whole, name = match[0], match["name"]
    if whole == "&":
        return "&amp;"
    if not name or name in _XML_ENTITIES:
        return whole
    character = html.unescape(whole)
    return "&amp;" + whole[1:] if character == whole else html.escape(character)
