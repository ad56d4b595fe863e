"""import-opml and export-opml as ops use them; what an attacker lists never gets into feeds.yaml."""

from __future__ import annotations

import os
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from config_sample import SAMPLE, load
from typer.testing import CliRunner, Result

from aggregator.cli import app

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
URLS = SHARED / "data" / "hostile" / "ssrf" / "urls.tsv"
GOOD = "https://paper.example/good"
EMPTY = (
    SAMPLE[: SAMPLE.index("partners:")] + "partners: []\nsources: []\noutputs:\n  combined: {title: Semua}\n"
)


class Desk:
    """A folder with a feeds.yaml, and a shell in it."""

    def __init__(self, folder: Path, text: str = SAMPLE) -> None:
        self.file = folder / "feeds.yaml"
        self.file.write_text(text)
        self.list = folder / "list.opml"

    def run(self, *arguments: str) -> Result:
        return CliRunner(env={"AGGREGATOR_CONFIG": str(self.file)}).invoke(app, arguments)

    def imports(self, *urls: str, options: tuple[str, ...] = ()) -> Result:
        """Import a list of these addresses."""
        outlines = "".join(f"<outline text='Kota' xmlUrl={quoteattr(url)}/>" for url in urls)
        self.list.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>")
        return self.run("import-opml", str(self.list), *options)

    def urls(self) -> list[str]:
        return [source.url for source in load(self.file.read_text()).sources]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_import_says_what_it_added_skipped_and_refused_and_check_agrees(desk: Desk) -> None:
    before = desk.urls()
    result = desk.imports(
        "https://kota.example/feed", "https://paper.example/feed", "https://u:geheim@kota.example/", GOOD
    )
    assert result.exit_code == 0
    assert desk.urls() == [*before, "https://kota.example/feed", GOOD]
    for words in (
        'source kota of kota: "https://kota.example/feed"',
        f'source kota-2 of paper: "{GOOD}"',
        'new partner kota ("Kota", kota.example) has no terms: headline and link only',
        'skipped: "https://paper.example/feed": is a source already, paper',
        'refused: "https://***@kota.example/": a user name or password must not stand in an address',
        f"added to {desk.file}: 2 sources, 1 partner; 1 skipped, 1 refused",
    ):
        assert words in result.output
    assert "geheim" not in result.output
    checked = desk.run("check")
    assert checked.exit_code == 0
    assert "3 partners, 4 sources" in checked.output
    assert "warning: kota: no terms in feeds.yaml, so headline and link only" in checked.output


def test_a_second_import_of_the_same_list_changes_nothing(desk: Desk) -> None:
    desk.imports(GOOD, "http://10.0.0.5/")
    inode = desk.file.stat().st_ino
    again = desk.imports(GOOD, "http://10.0.0.5/")
    assert again.exit_code == 0
    assert "0 sources, 0 partners; 1 skipped, 1 refused" in again.output
    assert desk.file.stat().st_ino == inode


def test_a_dry_run_prints_the_lines_and_changes_nothing(desk: Desk) -> None:
    result = desk.imports(GOOD, options=("--dry-run",))
    assert result.exit_code == 0
    assert f"would be added to {desk.file}: 1 source" in result.output
    assert f"+  - id: kota\n+    partner: paper\n+    url: {GOOD}\n" in result.output
    assert desk.file.read_text() == SAMPLE


def test_a_partner_can_be_named(desk: Desk) -> None:
    desk.imports("https://kota.example/feed", options=("--partner", "paper"))
    assert load(desk.file.read_text()).sources[-1].partner == "paper"
    slip = desk.imports("https://kota.example/2", options=("--partner", "papier"))
    assert slip.exit_code == 2
    assert 'did you mean "paper"' in " ".join(slip.output.replace("│", " ").split())


def test_a_file_with_mistakes_is_refused_with_all_of_them(tmp_path: Path) -> None:
    text = SAMPLE.replace("every: 15m", "every: '15'").replace("partner: paper", "partner: papier")
    desk = Desk(tmp_path, text)
    result = desk.imports(GOOD)
    assert result.exit_code == 2
    assert 'sources[0].every: expected a duration such as 15m, got "15"' in result.output
    assert 'unknown partner "papier"' in result.output
    assert "2 mistakes; nothing was done" in result.output
    assert desk.file.read_text() == text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><title>Log in</title></html>", "not an OPML file: an HTML page"),
        (b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml>&x;</opml>', "declarations of its own"),
        (b"<opml>" + b"<outline xmlUrl='https://paper.example/'/>" * 100_000, "more than 2,000 feeds"),
        (b"<opml>" + b"<outline>" * 300, "nested more than 50 deep"),
        (b" " * 6_000_000, "larger than 5,000,000 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_feeds_is_refused_whole(desk: Desk, body: bytes, words: str) -> None:
    desk.list.write_bytes(body)
    result = desk.run("import-opml", str(desk.list))
    assert result.exit_code == 2
    assert words in result.output
    assert "nothing was done" in result.output
    assert desk.file.read_text() == SAMPLE


def test_damage_is_told_and_costs_nothing_of_the_rest(desk: Desk) -> None:
    desk.list.write_text(f"<opml><body><outline xmlUrl='{GOOD}'/><outline xmlUrl='https://paper.ex")
    result = desk.run("import-opml", str(desk.list))
    assert result.exit_code == 0
    assert "the document ends early" in result.output
    assert GOOD in desk.urls()


def test_no_escape_sequence_of_a_list_reaches_the_terminal(desk: Desk) -> None:
    result = desk.imports("http://\u009b2J\u202eparcs/", "https://\u2028paper.example/\u0085", GOOD)
    assert result.output.replace("\n", "").isprintable()
    assert desk.urls()[-1] == GOOD


OURS = [
    *("http://127.0.0.1/", "http://[::1]/", "http://localhost:8099/", "http://x.localhost/", "http://0/", "http://127.1/"),
    *("http://017700000001/", "http://[::ffff:10.0.0.1]/", "http://[fd00::1]/", "http://[fe80::1%25eth0]/"),
    *("http://100.64.0.1/", "http://169.254.169.254/latest/", "http://224.0.0.1/", "http://[64:ff9b::7f00:1]/"),
    *("http://[2002:7f00:1::]/", "http://192.168.1.1:8080/", "http://①②⑦.0.0.1/", "http://127。0。0。1/"),
    *("http://paper.example:22/", "http://paper.example:6379/", "http://paper.example\\@127.0.0.1/"),
    *("http://a:b@paper.example/", "//paper.example/", "paper.example/feed", "file:///etc/passwd", "ftp://paper.example/"),
    *("gopher://127.0.0.1:6379/_INFO", "data:text/xml,<rss/>", "javascript:alert(1)", "feed:http://127.0.0.1/"),
    *("http://paper.example/\r\nHost: x", "https://", "http:///x", "http://paper.example:0/", "http://paper.example:99999/"),
]  # fmt: skip


def refused(desk: Desk, url: str) -> str:
    """What is said of an address that must not be added, whichever way its partner would be found."""
    result = desk.imports(url, GOOD, options=("--partner", "paper"))
    assert result.exit_code == 0
    assert desk.urls()[-1] == GOOD
    assert len(desk.urls()) == 3
    return next(line for line in result.output.splitlines() if line.startswith("refused: "))


@pytest.mark.parametrize("url", OURS)
def test_an_address_that_must_not_be_asked_is_never_added(desk: Desk, url: str) -> None:
    assert refused(desk, url)


# Names, of which only an answer of DNS can tell where they lead: the guard looks at it whenever they are polled
# (tests/net), and nothing is asked when they are added.
NAMES = {"R37", "R38", "R39"}
SHARED_URLS = dict(line.split("\t")[:2] for line in URLS.read_text().splitlines()) if URLS.exists() else {}


@pytest.mark.skipif(not SHARED_URLS, reason="no shared data")
@pytest.mark.parametrize("case_id", sorted(SHARED_URLS.keys() - NAMES))
def test_a_shared_attack_address_is_never_added(desk: Desk, case_id: str) -> None:
    assert refused(desk, SHARED_URLS[case_id])


def test_an_allowed_network_may_be_imported_from(tmp_path: Path) -> None:
    desk = Desk(tmp_path, SAMPLE + "fetch:\n  allow_networks: [127.0.0.0/8]\n")
    desk.imports("http://127.0.0.1:8099/", "http://10.0.0.1/", options=("--partner", "paper"))
    assert desk.urls()[2:] == ["http://127.0.0.1:8099/"]


def test_an_export_brought_into_an_empty_desk_gives_the_same_sources(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    first.imports("https://kota.example/feed?a=1&b=2", "https://feeds.test/x")
    listed = tmp_path / "ours.opml"
    assert first.run("export-opml", "--output", str(listed)).exit_code == 0
    (tmp_path / "other").mkdir()
    second = Desk(tmp_path / "other", EMPTY)
    imported = second.run("import-opml", str(listed))
    assert imported.exit_code == 0
    ours, theirs = load(first.file.read_text()), load(second.file.read_text())
    assert [(one.id, one.partner, one.url) for one in theirs.sources] == [
        (one.id, one.partner, one.url) for one in ours.sources
    ]
    assert {one.name for one in theirs.partners} == {one.name for one in ours.partners}
    assert all(one.terms is None for one in theirs.partners)


def test_an_export_is_printed_as_opml(desk: Desk) -> None:
    printed = desk.run("export-opml").output
    assert '<opml version="2.0">' in printed
    assert (
        '<outline type="rss" text="agency" title="Agency" xmlUrl="https://agency.example/rss" '
        'htmlUrl="https://agency.example/"/>' in printed
    )
    assert desk.run("export-opml", "--output", str(desk.file.parent)).exit_code == 2
