"""feeds.yaml added to as text: in the file's own style, and no other byte of it moves."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from config_sample import SAMPLE, load
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.config.edit import Item, append_items, comment_out
from aggregator.config.file import ConfigFile
from aggregator.config.yaml_nodes import read_yaml
from aggregator.errors import ConfigEditError, ConfigError

ITEMS = [{"id": "baru", "url": "https://baru.example/?a=1&b=2"}]
SHIPPED = Path(__file__).parents[2] / "feeds.yaml"

STYLES = {  # name: what the list looks like before, and after
    "block": (
        "sources:\n  - id: a\n    url: b\ntopics: []\n",
        "sources:\n  - id: a\n    url: b\n  - id: baru\n    url: https://baru.example/?a=1&b=2\ntopics: []\n",
    ),
    "block, at the margin": (
        "sources:\n- id: a\n  url: b\n",
        "sources:\n- id: a\n  url: b\n- id: baru\n  url: https://baru.example/?a=1&b=2\n",
    ),
    "block, far to the right": (
        "sources:\n      -   id: a\n          url: b\n",
        "sources:\n      -   id: a\n          url: b\n      -   id: baru\n          url: https://baru.example/?a=1&b=2\n",
    ),
    "block, the dash alone": (
        "sources:\n  -\n    id: a\n",
        "sources:\n  -\n    id: a\n  - id: baru\n    url: https://baru.example/?a=1&b=2\n",
    ),
    "block, empty lines between": (
        "sources:\n  - id: a\n\n  # b\n  - id: b\n\n# end\n",
        "sources:\n  - id: a\n\n  # b\n  - id: b\n\n  - id: baru\n    url: https://baru.example/?a=1&b=2\n\n# end\n",
    ),
    "block, without a last line break": (
        "sources:\n  - id: a",
        "sources:\n  - id: a\n  - id: baru\n    url: https://baru.example/?a=1&b=2",
    ),
    "block, comments of the last item": (
        "sources:\n  - id: a   # A\n    # every: 5m\n\n  # - id: b\n  #   url: c\n\n# Next\ntopics: []\n",
        "sources:\n  - id: a   # A\n    # every: 5m\n\n  # - id: b\n  #   url: c\n"
        "  - id: baru\n    url: https://baru.example/?a=1&b=2\n\n# Next\ntopics: []\n",
    ),
    "block, text over lines in the end": (
        "sources:\n  - id: |\n      a\n      b\n\ntopics: []\n",
        "sources:\n  - id: |\n      a\n      b\n\n  - id: baru\n    url: https://baru.example/?a=1&b=2\ntopics: []\n",
    ),
    "block, a list in the end": (
        "sources:\n  - id: a\n    topics:\n    - x\n    - y # y\n",
        "sources:\n  - id: a\n    topics:\n    - x\n    - y # y\n"
        "  - id: baru\n    url: https://baru.example/?a=1&b=2\n",
    ),
    "block, line breaks of Windows": (
        "sources:\r\n  - id: a\r\n\r\n  - id: b\r\ntopics: []\r\n",
        "sources:\r\n  - id: a\r\n\r\n  - id: b\r\n"
        "\r\n  - id: baru\r\n    url: https://baru.example/?a=1&b=2\r\ntopics: []\r\n",
    ),
    "block of one-line items": (
        "sources:\n  - {id: a}  # A\n",
        'sources:\n  - {id: a}  # A\n  - {id: baru, url: "https://baru.example/?a=1&b=2"}\n',
    ),
    "one line": (
        "sources: [{id: a}, {id: b}] # x\n",
        'sources: [{id: a}, {id: b}, {id: baru, url: "https://baru.example/?a=1&b=2"}] # x\n',
    ),
    "brackets over lines": (
        "sources: [\n    {id: a},\n    {id: b}, # b\n  ]\n",
        'sources: [\n    {id: a},\n    {id: b},\n    {id: baru, url: "https://baru.example/?a=1&b=2"}, # b\n  ]\n',
    ),
    "empty": (
        "sources: []\ntopics: []\n",
        "sources:\n  - id: baru\n    url: https://baru.example/?a=1&b=2\ntopics: []\n",
    ),
    "empty, with a comment": (
        "sources: []  # none yet\n",
        "sources:   # none yet\n  - id: baru\n    url: https://baru.example/?a=1&b=2\n",
    ),
    "empty, where others have their dashes at the margin": (
        "sources: [ ]\ntopics:\n- id: x",
        "sources:\n- id: baru\n  url: https://baru.example/?a=1&b=2\ntopics:\n- id: x",
    ),
    "empty, over lines": (
        "sources: [\n  # none yet\n]\n",
        'sources: [{id: baru, url: "https://baru.example/?a=1&b=2"}\n  # none yet\n]\n',
    ),
    "JSON": ('{"sources": []}', '{"sources": [{id: baru, url: "https://baru.example/?a=1&b=2"}]}'),
    "a quoted key": (
        '"sources":\n  - id: a\n',
        '"sources":\n  - id: a\n  - id: baru\n    url: https://baru.example/?a=1&b=2\n',
    ),
    "the end of the document": (
        "---\nsources:\n  - id: a\n...\n",
        "---\nsources:\n  - id: a\n  - id: baru\n    url: https://baru.example/?a=1&b=2\n...\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STYLES)
def test_an_item_is_written_as_the_list_is(name: str) -> None:
    before, after = STYLES[name]
    assert append_items(before, {"sources": ITEMS}) == after


@pytest.mark.parametrize("text", [SAMPLE, SHIPPED.read_text("utf-8")], ids=["sample", "shipped"])
def test_no_byte_of_the_file_is_lost_and_it_is_still_valid(text: str) -> None:
    partner: dict[str, str | tuple[str, ...]] = {
        "id": "baru",
        "name": "Baru",
        "url": "https://baru.example/",
        "domains": ("baru.example",),
    }
    source = {"id": "baru", "partner": "baru", "url": "https://baru.example/feed"}
    other = {**source, "id": "baru-2", "url": "https://baru.example/2"}
    after = append_items(text, {"partners": [partner], "sources": [source, other]})
    rest = iter(after.splitlines(keepends=True))
    assert all(line in rest for line in text.splitlines(keepends=True))  # in this order
    was, config = load(text), load(after)
    assert [source.id for source in config.sources] == [
        *(source.id for source in was.sources),
        "baru",
        "baru-2",
    ]
    assert config.partners[:-1] == was.partners
    assert config.model_copy(update={"partners": was.partners, "sources": was.sources}) == was


VALUES = [
    *("123", "no", "12:30", "~", "null", "1e3", "0x1", ".nan", "2022-11-01", "https://x/#y", "${HOME}", "é"),
    *("a: b", "a #b", "- a", "'", '"', "\\", "*a", "&a", "!a", "%a", "@", "`", "[", "{}", "a,b", "a\nb"),
    *("\u2028", "\x85", "\U0001f600", "\u200d"),
]


@pytest.mark.parametrize("style", STYLES)
def test_a_value_is_read_back_as_it_was_given_in_every_style(style: str) -> None:
    for value in VALUES:
        after = read_yaml(
            append_items(STYLES[style][0], {"sources": [{"id": value, "domains": (value, value)}]})
        )
        assert isinstance(after.values, dict)
        assert after.values["sources"][-1] == {"id": value, "domains": (value, value)}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.sampled_from(sorted(STYLES)))
def test_any_text_is_read_back_as_it_was_given(value: str, style: str) -> None:
    after = read_yaml(append_items(STYLES[style][0], {"sources": [{"id": value}]}))
    assert isinstance(after.values, dict)
    assert after.values["sources"][-1] == {"id": value}


def test_a_file_that_cannot_be_added_to_is_refused() -> None:
    """The text in the end has no line break, and would have one."""
    with pytest.raises(ConfigEditError, match="by hand"):
        append_items("sources:\n  - id: |\n      a", {"sources": ITEMS})


SUBSCRIBER: Item = {"id": "baru", "where": {"topic": ("a", "b")}, "limit": 7}
NEW_LISTS = {  # name: a file without the list, and with it
    "at the end": (
        "topics:\n  - id: x\n",
        "topics:\n  - id: x\n\nsubscribers:\n  - id: baru\n    where: {topic: [a, b]}\n    limit: 7\n",
    ),
    "behind comments, with dashes at the margin": (
        "topics:\n- id: x\n\n# alerts:\n#   email: x\n",
        "topics:\n- id: x\n\n# alerts:\n#   email: x\n"
        "\nsubscribers:\n- id: baru\n  where: {topic: [a, b]}\n  limit: 7\n",
    ),
    "without a last line break": (
        "topics: []",
        "topics: []\n\nsubscribers:\n  - id: baru\n    where: {topic: [a, b]}\n    limit: 7",
    ),
    "before the end of the document": (
        "---\ntopics: []\n...\n",
        "---\ntopics: []\n\nsubscribers:\n  - id: baru\n    where: {topic: [a, b]}\n    limit: 7\n...\n",
    ),
    "line breaks of Windows": (
        "topics: []\r\n",
        "topics: []\r\n\r\nsubscribers:\r\n  - id: baru\r\n    where: {topic: [a, b]}\r\n    limit: 7\r\n",
    ),
    "JSON": (
        '{"topics": []}',
        '{"topics": [], subscribers: [{id: baru, where: {topic: [a, b]}, limit: 7}]}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEW_LISTS)
def test_a_list_that_is_not_there_is_made(name: str) -> None:
    before, after = NEW_LISTS[name]
    assert append_items(before, {"subscribers": [SUBSCRIBER]}) == after


OUT = {  # name: a file with the item b, and the file without it
    "the last": (
        "list:\n  - id: a\n\n  # of b\n  - id: b   # B\n    x: 1\n\n# next\ntopics: []\n",
        "list:\n  - id: a\n\n  # of b\n  # - id: b   # B\n  #   x: 1\n\n# next\ntopics: []\n",
    ),
    "the first": (
        "list:\n- id: b\n  x:\n  - 1\n# of c\n- id: c\n",
        "list:\n# - id: b\n#   x:\n#   - 1\n# of c\n- id: c\n",
    ),
    "the only one": (
        "topics: []\nlist:  # L\n  # of b\n  - id: b\n\n    # every: 5m\n    x: 1\nfetch: {}\n",
        "topics: []\n# list:  # L\n#   # of b\n#   - id: b\n\n#     # every: 5m\n#     x: 1\nfetch: {}\n",
    ),
    "in braces": (
        "list:\n  - {id: a}\n  - {id: b}  # B\n",
        "list:\n  - {id: a}\n  # - {id: b}  # B\n",
    ),
    "text over lines": (
        "list:\n  - id: a\n  - id: b\n    x: |\n      - id: b\n\n      y\ntopics: []\n",
        "list:\n  - id: a\n  # - id: b\n  #   x: |\n  #     - id: b\n\n  #     y\ntopics: []\n",
    ),
    "line breaks of Windows": (
        "list:\r\n  - id: a\r\n  - id: b\r\n    x: 1\r\n",
        "list:\r\n  - id: a\r\n  # - id: b\r\n  #   x: 1\r\n",
    ),
    "the dash alone": (
        "list:\n  -\n    id: b\n  - id: c\n",
        "list:\n  # -\n  #   id: b\n  - id: c\n",
    ),
    "brackets, the first": ("list: [{id: b}, {id: c}] # x\n", "list: [{id: c}] # x\n"),
    "brackets, the last": ("list: [{id: a}, {id: b}] # x\n", "list: [{id: a}] # x\n"),
    "brackets, the only one": ("list: [ {id: b} ] # x\n", "list: [] # x\n"),
    "brackets over lines": ("list: [\n  {id: a},\n  {id: b},\n]\n", "list: [\n  {id: a},\n]\n"),
    "JSON": ('{"list": [{"id": "b"}]}', '{"list": []}'),
}  # fmt: skip


@pytest.mark.parametrize("name", OUT)
def test_an_item_is_taken_out_and_nothing_else(name: str) -> None:
    before, after = OUT[name]
    assert comment_out(before, "list", "b") == after


@pytest.mark.parametrize(
    "text",
    [
        "list:\n  - {id: a}\n  -  # a-b\n    id: b\n",
        "? list\n: - id: b\n",
    ],
)
def test_an_item_that_cannot_be_taken_out_is_left_to_people(text: str) -> None:
    with pytest.raises(ConfigEditError, match="take b out by hand"):
        comment_out(text, "list", "b")


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), st.data())
def test_what_was_added_can_be_taken_out(ids: list[str], data: st.DataObject) -> None:
    """In every style; the values are those without it."""
    style = data.draw(st.sampled_from(sorted(STYLES)))
    text = append_items(STYLES[style][0], {"sources": [{"id": f"n-{one}", "x": (one,)} for one in ids]})
    gone = data.draw(st.sampled_from(ids))
    was = read_yaml(text).values
    assert isinstance(was, dict)
    assume(len(was) > 1 or len(was["sources"]) > 1)  # a feeds.yaml without anything is none
    found = read_yaml(comment_out(text, "sources", f"n-{gone}")).values
    assert isinstance(found, dict)
    left = [one["id"] for one in was["sources"] if one["id"] != f"n-{gone}"]
    assert [one["id"] for one in found.get("sources", ())] == left
    assert {key: value for key, value in found.items() if key != "sources"} == {
        key: value for key, value in was.items() if key != "sources"
    }


AFTER = SAMPLE.replace("name: Paper", "name: Kertas")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(SAMPLE.encode())
    return path


def test_a_file_is_replaced_with_its_mode_and_leaves_nothing_beside_it(path: Path) -> None:
    path.chmod(0o640)
    before = path.stat().st_ino
    ConfigFile(path, {}).replace(SAMPLE, AFTER)
    assert path.read_bytes() == AFTER.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays_when_root_edits(path: Path) -> None:
    os.chown(path, 12345, 23456)
    ConfigFile(path, {}).replace(SAMPLE, AFTER)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_where_a_link_leads_is_replaced_and_the_link_stays(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "etc" / "feeds.yaml"
    link.parent.mkdir()
    link.symlink_to("../feeds.yaml")
    ConfigFile(link, {}).replace(SAMPLE, AFTER)
    assert link.is_symlink()
    assert path.read_text() == AFTER
    assert list(link.parent.iterdir()) == [link]


def test_a_byte_order_mark_stays(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + SAMPLE.encode())
    file = ConfigFile(path, {})
    file.replace(file.load().text, AFTER)
    assert path.read_bytes() == b"\xef\xbb\xbf" + AFTER.encode()


def refused(path: Path, after: str) -> str:
    """Why the replacement was refused; the file must not have moved."""
    was = path.read_bytes()
    with pytest.raises((ConfigEditError, ConfigError)) as caught:
        ConfigFile(path, {}).replace(SAMPLE, after)
    assert path.read_bytes() == was
    assert list(path.parent.iterdir()) == [path]
    return str(caught.value)


def test_an_edit_made_meanwhile_is_not_lost(path: Path) -> None:
    path.write_text(SAMPLE + "# a colleague\n")
    assert "was changed at this moment" in refused(path, AFTER)


def test_a_text_with_mistakes_never_replaces_a_good_one(path: Path) -> None:
    assert "unknown partner" in refused(path, SAMPLE.replace("partner: paper", "partner: papier"))


def test_a_file_does_not_grow_beyond_what_is_read(path: Path) -> None:
    assert "larger than 1,000,000 bytes" in refused(path, AFTER + "#" * 1_000_000)


def test_a_folder_that_cannot_be_written_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused(path, AFTER) == f"{path} cannot be written: No space left on device"
