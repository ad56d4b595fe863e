"""Editing the lists of feeds.yaml as text: every other byte of the file stays as people wrote it.

PyYAML's marks say where a list or an item ends; nothing is ever dumped. Whatever was written is read back, and must
say what the file said before with the items added or taken out, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from aggregator.config.syntax import LINE_BREAK
from aggregator.config.yaml_nodes import read_yaml
from aggregator.errors import ConfigEditError

Value: TypeAlias = "str | int | tuple[str, ...] | Mapping[str, Value]"
Item = Mapping[str, Value]

# Never a number, a truth value, nothing or a date, nor the beginning of anything else in YAML.
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off)\Z)[a-z][a-z0-9]*(?:[ ./_-][a-z0-9]+)*", re.IGNORECASE
)
_NEXT_LINE = re.compile(r"(?:\r\n|\n|\r)( *)([^\r\n]*)")
_PLAIN_ADDRESS = re.compile(r"https?://[\w./?=&%+~@;-]*[\w/]", re.ASCII)


def append_items(text: str, additions: Mapping[str, Sequence[Item]]) -> str:
    """The text with items at the end of the lists that ``additions`` names, in the style of each list.

    ``text`` must have passed ``config.load``: it has no aliases and is within limits. A list that is not there is made
    at the end. Raises ConfigEditError for a text in which that cannot be done.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, MappingNode)
    edits = [edit for key, items in additions.items() if items for edit in _edits(text, root, key, items)]
    edited = text
    for start, end, inserted in sorted(edits, reverse=True):
        edited = edited[:start] + inserted + edited[end:]
    before, after = read_yaml(text), read_yaml(edited)
    assert isinstance(before.values, dict)
    expected = dict(before.values)
    for key, items in additions.items():
        if items:
            expected[key] = (*expected.get(key, ()), *map(dict, items))
    if after.mistakes or after.values != expected:
        raise ConfigEditError("the file is written in a way that cannot be added to; add the lines by hand")
    return edited


def comment_out(text: str, key: str, item_id: str) -> str:
    """The text with one item of a list turned into comments; the list's key too, where no other item is left.

    Of a list in brackets the item is taken out instead. ``text`` must have passed ``config.load``, and the item must be
    there. Raises ConfigEditError for a text in which that cannot be done.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    before = read_yaml(text).values
    assert isinstance(root, MappingNode)
    assert isinstance(before, dict)
    name, listed = next(pair for pair in root.value if pair[0].value == key)
    place = [item["id"] for item in before[key]].index(item_id)
    edited = _without(text, listed, place) if listed.flow_style else _commented(text, name, listed, place)
    left = (*before[key][:place], *before[key][place + 1 :])
    after = read_yaml(edited)
    rest = {one: value for one, value in before.items() if one != key}
    if after.mistakes or after.values not in (before | {key: left}, *([rest] if not left else [])):
        raise ConfigEditError(
            f"the file is written in a way that cannot be edited; take {item_id} out by hand"
        )
    return edited


def _without(text: str, listed: SequenceNode, place: int) -> str:
    """Without an item in brackets, and the comma that parted it from another."""
    items = listed.value
    if len(items) == 1:
        start, end = listed.start_mark.index + 1, listed.end_mark.index - 1
    elif place + 1 < len(items):
        start, end = items[place].start_mark.index, items[place + 1].start_mark.index
    else:
        start, end = items[place - 1].end_mark.index, items[place].end_mark.index
    return text[:start] + text[end:]


def _commented(text: str, name: Node, listed: SequenceNode, place: int) -> str:
    """With a ``#`` before each line of an item that begins with a dash."""
    item = listed.value[place]
    if len(listed.value) == 1:
        first, column = name.start_mark.index, name.start_mark.column
    else:
        first, column = text.rindex("-", 0, item.start_mark.index), listed.start_mark.column
    start, end = first - column, _line_end(text, _end(item))
    lines = re.sub(rf"^( {{0,{column}}})(?=[^\r\n])", r"\1# ", text[start:end], flags=re.MULTILINE)
    return text[:start] + lines + text[end:]


Edit = tuple[int, int, str]  # what stands between two places in the text is replaced


def _edits(text: str, root: MappingNode, key: str, items: Sequence[Item]) -> Iterator[Edit]:
    """What makes the list of that name longer, or is the whole of one that is not there."""
    newline = "\r\n" if "\r\n" in text else "\n"
    there = next((pair for pair in root.value if pair[0].value == key), None)
    if there is None:
        yield _new_list(text, root, key, items, newline)
        return
    name, listed = there
    start, end = listed.start_mark.index, listed.end_mark.index
    if not listed.flow_style:
        at = _behind_comments(text, _line_end(text, _end(listed)), name.start_mark.column)
        yield at, at, _block(text, listed, items, newline)
    elif listed.value:
        at = listed.value[-1].end_mark.index
        yield at, at, "".join(_flow_separator(listed, newline) + _flow(item) for item in items)
    elif root.flow_style or LINE_BREAK.search(text, start, end):
        yield start + 1, start + 1, ", ".join(map(_flow, items))
    else:
        at = _line_end(text, end)
        is_alone = not text[end:at].strip()
        yield (len(text[:start].rstrip()) if is_alone else start), end, ""
        dash = _dash_column(root)
        yield at, at, "".join(f"{newline}{line}" for item in items for line in _lines(item, dash))


def _new_list(text: str, root: MappingNode, key: str, items: Sequence[Item], newline: str) -> Edit:
    """The list behind everything else."""
    if root.flow_style:
        at = root.value[-1][1].end_mark.index
        return at, at, f", {key}: [{', '.join(map(_flow, items))}]"
    at = _behind_comments(text, _line_end(text, _end(root)), -1)
    lines = [f"{' ' * root.start_mark.column}{key}:"]
    lines += (line for item in items for line in _lines(item, _dash_column(root)))
    return at, at, newline * 2 + newline.join(lines)


def _dash_column(root: MappingNode) -> int:
    """Where the file's other lists have their dashes."""
    columns = (
        value.start_mark.column
        for _, value in root.value
        if isinstance(value, SequenceNode) and not value.flow_style
    )
    return next(columns, 2)


def _block(text: str, listed: SequenceNode, items: Sequence[Item], newline: str) -> str:
    """The items as the list's last one is written: on one line or on several, with or without an empty line."""
    last, dash = listed.value[-1], listed.start_mark.column
    same_line = text[: last.start_mark.index].rpartition("-")[2].strip(" ") == ""
    gap = last.start_mark.column - dash - 1 if same_line else 1
    above = newline
    if len(listed.value) > 1 and re.search(
        r"\n[ \t]*\r?\n", text[_end(listed.value[-2]) : last.start_mark.index]
    ):
        above += newline
    blocks = (
        [f"{' ' * dash}-{' ' * gap}{_flow(item)}"] if last.flow_style else _lines(item, dash, gap)
        for item in items
    )
    return "".join(above + newline.join(lines) for lines in blocks)


def _lines(item: Item, dash: int, gap: int = 1) -> list[str]:
    """``- id: x`` and below it the other keys."""
    pairs = [f"{key}: {_value(value)}" for key, value in item.items()]
    return [f"{' ' * dash}-{' ' * gap}{pairs[0]}", *(f"{' ' * (dash + 1 + gap)}{pair}" for pair in pairs[1:])]


def _flow(item: Item) -> str:
    """``{id: x, url: "https://..."}``."""
    return "{" + ", ".join(f"{key}: {_value(value, in_flow=True)}" for key, value in item.items()) + "}"


def _flow_separator(listed: SequenceNode, newline: str) -> str:
    """A comma, and a new line where the last item begins one."""
    last = listed.value[-1].start_mark
    above = listed.value[-2].end_mark if len(listed.value) > 1 else listed.start_mark
    return f",{newline}{' ' * last.column}" if last.line > above.line else ", "


def _value(value: Value, in_flow: bool = False) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return _flow(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one, in_flow=True) for one in value)}]"
    is_plain = _PLAIN.fullmatch(value) or (not in_flow and _PLAIN_ADDRESS.fullmatch(value))
    return value if is_plain else _quoted(value)


def _quoted(value: str) -> str:
    r"""In double quotes, where ``\`` and ``"`` are escaped and whatever cannot be seen (YAML 1.2.2, section 5.7)."""
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _end(node: Node) -> int:
    """Where the last value of a node ends; PyYAML ends a block only where the next one begins."""
    while isinstance(node, CollectionNode) and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    assert node.end_mark is not None
    return node.end_mark.index


def _line_end(text: str, position: int) -> int:
    """The end of the line, before its break; what ends at the beginning of a line ended on the one above."""
    if text[position - 1 : position] == "\n":
        return position - (2 if text[position - 2 : position - 1] == "\r" else 1)
    found = LINE_BREAK.search(text, position)
    return found.start() if found else len(text)


def _behind_comments(text: str, position: int, key_column: int) -> int:
    """Behind the comments inside the list: those indented deeper than its key, such as a source turned off."""
    end = position
    while line := _NEXT_LINE.match(text, position):
        indent, content = line.groups()
        if content.strip() and not (content.startswith("#") and len(indent) > key_column):
            break
        position = line.end()
        end = position if content.strip() else end
    return end
