"""One mistake, one message: placed, plain and with a remedy."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from config_sample import SAMPLE, changed, load, mistakes

from aggregator.config.load import load_config
from aggregator.errors import ConfigError
from aggregator.model.reading import CutRule

KEYS = "site, partners, sources, topics, outputs, hub, subscribers, overrides, fetch, keep, alerts"
ONE_KEY = [  # (what is changed, to what, the one line that is reported)
    ("every: 15m", "every: 15", '24:77: sources[0].every: expected a duration such as 15m, got "15"'),
    (
        "every: 15m",
        "every: soon",
        '24:77: sources[0].every: expected auto or a duration such as 15m, got "soon"',
    ),
    (
        "every: 15m",
        "every: 30s",
        '24:77: sources[0].every: expected a duration between 1m and 30d, got "30s"',
    ),
    ("every: 15m", "every: 0m", '24:77: sources[0].every: expected a duration between 1m and 30d, got "0s"'),
    ("every: 15m", "every: .nan", '24:77: sources[0].every: expected a duration such as 15m, got "nan"'),
    (
        "every: 15m",
        "every: 999999d",
        '24:77: sources[0].every: expected a duration of at most 36500d, got "999999d"',
    ),
    ("every: 15m", "evry: 15m", '24:70: sources[0]: unknown key "evry"; did you mean "every"?'),
    ("name: Jambi Seru", "name: 1.10", '2:9: site.name: expected text, got "1.10"; put it in quotes'),
    ("name: Jambi Seru", 'name: "  "', "2:9: site.name: expected some text, but it is empty"),
    (
        "name: Jambi Seru",
        "name:",
        "2:8: site.name: expected text, got nothing; write a value, the key is required",
    ),
    (
        "url: https://jambiseru.com/",
        "url: https://jambiseru.com/\n  language:",
        "4:12: site.language: expected text, got nothing; write a value, or remove the key to have the default",
    ),
    (
        "pemilu: 3",
        "pemilu:",
        "33:23: topics[0].keywords.pemilu: expected a whole number, got nothing; write a value, or remove it",
    ),
    (
        "    url: https://paper.example/feed/\n",
        "",
        '25:5: sources[1]: missing key "url": A feed, a sitemap, an index of sitemaps, or a home page',
    ),
    (
        "{title: Semua}",
        "{title:Semua}",
        '35:14: outputs.combined: "title:" needs a space after the colon',
    ),
    (
        "{title: Semua}",
        "{title: “Kabar, semua”}",
        '35:29: outputs.combined: unknown key "semua”"; curly quotes are no quotes; use straight ones',
    ),
    (
        "[/politik/]",
        "\n      -/politik/",
        '33:7: topics[0].paths: expected a list in brackets, or a line with a dash for each, got "-/politik/"; '
        "a dash needs a space after it",
    ),
    (
        "[{id: topics/lama, moved_to: topics/politik}]",
        "\n    -id: topics/lama",
        "37:5: outputs.retired: expected a list in brackets, or a line with a dash for each, got a mapping; "
        "a dash needs a space after it",
    ),
    ("  name: Jambi Seru\n", "", '2:3: site: missing key "name": The name readers know, e.g. Jambi Seru'),
    ("outputs:", "zzz:", f'34:1: unknown key "zzz"; known: {KEYS}'),
    (
        "feeds_url: https://feeds.jambiseru.com/",
        "feeds_url: https://feeds.jambiseru.com",
        '4:14: site.feeds_url: expected an address that ends with "/", got "https://feeds.jambiseru.com"; '
        'write "https://feeds.jambiseru.com/"',
    ),
    (
        "redaksi@jambiseru.com",
        "redaksi",
        "5:12: site.contact: expected one e-mail address such as redaksi@example.com",
    ),
    (
        "contact:",
        "timezone: WIB\n  contact:",
        "5:13: site.timezone: expected a time zone such as Asia/Jakarta (WIB), ",
    ),
    (
        "contact:",
        "language: Indonesia\n  contact:",
        '5:13: site.language: expected a language code such as id or en-GB, got "Indonesia"',
    ),
    ("2022-11-01", "2022-02-30", '14:19: partners[0].terms.valid_from: there is no such day as "2022-02-30"'),
    (
        "2022-11-01",
        "2022",
        '14:19: partners[0].terms.valid_from: expected a day such as 2022-11-01, got "2022"',
    ),
    (
        "embargo: 30m",
        "content: ful",
        '16:16: partners[0].terms.content: expected full, excerpt or headline, got "ful"',
    ),
    (
        "embargo: 30m",
        "excerpt_words: 0",
        '16:22: partners[0].terms.excerpt_words: expected a number of at least 1, got "0"',
    ),
    (
        "embargo: 30m",
        "excerpt_words: 5.5",
        '16:22: partners[0].terms.excerpt_words: expected a whole number, got "5.5"',
    ),
    (
        "embargo: 30m",
        "expires_after: 0d",
        '16:22: partners[0].terms.expires_after: expected a duration longer than 0s, got "0s"',
    ),
    (
        "embargo: 30m",
        "exclude_authors: ANTARA",
        "16:24: partners[0].terms.exclude_authors: expected a list in brackets, or a line with a dash for each, "
        'got "ANTARA"; put it in brackets',
    ),
    ("[agency.example]", "[]", "10:14: partners[0].domains: expected at least one, but the list is empty"),
    (
        "[agency.example]",
        '["https://agency.example"]',
        "10:15: partners[0].domains[0]: expected a host such as pikiran-rakyat.com (no https://, no path), "
        'got "https://agency.example"',
    ),
    (
        "- id: politik",
        "- id: Politik",
        "30:9: topics[0].id: expected an id of small letters, digits and single dashes",
    ),
    (
        "partner: paper",
        "partner: paper\n    enabled: yes",
        '27:14: sources[1].enabled: expected true or false, got "yes"',
    ),
    (
        "https://paper.example/feed/",
        "paper.example/feed",
        '27:10: sources[1].url: expected an address such as https://example.com/feed, got "paper.example/feed"',
    ),
    (
        "[/politik/]",
        "[politik]",
        "32:13: topics[0].paths[0]: expected a part of an address that begins and ends with a slash, such as /politik/",
    ),
    (
        "pemilu: 3",
        "pemilu: 11",
        '33:24: topics[0].keywords.pemilu: expected a number of at most 10, got "11"',
    ),
    ("pemilu: 3", "pemilu: true", '33:24: topics[0].keywords.pemilu: expected a whole number, got "true"'),
    ('"dpr ri": 2', '"dpr ri": x', '33:37: topics[0].keywords["dpr ri"]: expected a whole number, got "x"'),
    ('"dpr ri": 2', '" ": 2', "33:27: topics[0].keywords: the key must be text of 1 to 500 characters"),
    (
        '"dpr ri": 2',
        '"kop*": 2',
        '33:27: topics[0].keywords: expected a word without *, got "kop*"; forms of a word are found by themselves',
    ),
    (
        '"dpr ri": 2',
        '"!!!": 2',
        '33:27: topics[0].keywords: expected a word of two letters at least, got "!!!"',
    ),
    (
        "pemilu: 3",
        'pemilu: "3"',
        '33:24: topics[0].keywords.pemilu: expected a whole number, got "3"; leave the quotes out',
    ),
    (
        "  retired",
        "  custom: [{id: j, title: J, where: {place: 15.71}}]\n  retired",
        '36:45: outputs.custom[0].where.place[0]: expected text, got "15.71"; put it in quotes',
    ),
    (
        "  retired",
        "  custom: [{id: j, title: J, where: {genre: opni}}]\n  retired",
        "36:45: outputs.custom[0].where.genre[0]: expected opini, rilis-pers, advertorial, foto, video or cek-fakta, ",
    ),
    *(
        ("outputs:\n", f"subscribers: [{{id: a, name: A, {keys}}}]\noutputs:\n", f"34:{expected}")
        for keys, expected in (
            ("limit: 0", '39: subscribers[0].limit: expected a number of at least 1, got "0"'),
            (
                "valid_until: soon",
                '45: subscribers[0].valid_until: expected a day such as 2022-11-01, got "soon"',
            ),
            (
                "domains: ['https://a.id']",
                "42: subscribers[0].domains[0]: expected a host such as pikiran-rakyat.com (no https://, no path), got",
            ),
            (
                "profile: word-press",
                '41: subscribers[0].profile: expected plain, wordpress or google-news, got "word-press"',
            ),
            ("content: headline", '41: subscribers[0].content: expected full or excerpt, got "headline"'),
            ("key: abc", '32: subscribers[0]: unknown key "key"'),
        )
    ),
    (
        "outputs:\n",
        'overrides: [{story: "7", topics: []}]\noutputs:\n',
        "34:21: overrides[0].story: expected the published id (urn:uuid:...) or the address of an article, got ",
    ),
    (
        "outputs:\n",
        "overrides: [{story: 'https://a.example/1'}]\noutputs:\n",
        "34:13: overrides[0]: says nothing about the story; add title or topics",
    ),
    (
        "title: Politik",
        "title: Politik\n    iptc: 11000000",
        '32:11: topics[0].iptc: expected text, got "11000000"; put it in quotes',
    ),
    (
        "outputs:\n",
        "fetch: {deadline: 11m}\noutputs:\n",
        '34:19: fetch.deadline: expected a duration between 1s and 10m, got "11m"',
    ),
    (
        "outputs:\n",
        "fetch: {max_body: 2GB}\noutputs:\n",
        '34:19: fetch.max_body: expected a size between 1kB and 1GB, got "2GB"',
    ),
    (
        "outputs:\n",
        "fetch: {max_body: 10}\noutputs:\n",
        '34:19: fetch.max_body: expected a size such as 10MB, got "10"',
    ),
    (
        "outputs:\n",
        "fetch: {allow_networks: [10.0.0.1/8]}\noutputs:\n",
        '34:26: fetch.allow_networks[0]: expected a network such as 127.0.0.0/8, got "10.0.0.1/8"',
    ),
    (
        "outputs:\n",
        "fetch: {allow_networks: [0.0.0.0/0]}\noutputs:\n",
        '34:26: fetch.allow_networks[0]: "0.0.0.0/0" opens every private network; '
        "name that of the test server, such as 127.0.0.0/8",
    ),
    (
        "outputs:\n",
        'fetch: {allow_networks: ["::/0"]}\noutputs:\n',
        '34:26: fetch.allow_networks[0]: "::/0" opens every private network; ',
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut: [{}]",
        "23:11: partners[1].cut[0]: expected the key line or the key pattern, got neither",
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut: [{line: Kabar desa, pattern: Kabar .*}]",
        "23:11: partners[1].cut[0]: expected the key line or the key pattern, got both; make two rules of them",
    ),
    (
        "domains: [paper.example]",
        'domains: [paper.example]\n    cut: [{line: ""}]',
        "23:18: partners[1].cut[0].line: expected some text, but it is empty",
    ),
    (
        "domains: [paper.example]",
        'domains: [paper.example]\n    cut: [{line: "* * *"}]',
        "23:18: partners[1].cut[0].line: expected a line with a word in it (signs around are ignored), "
        'got "* * *"',
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut:\n      - pattern: 'Kabar (desa'",
        '24:18: partners[1].cut[0].pattern: expected a regular expression, got "Kabar (desa": missing ) at position 11',
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut:\n      - pattern: '(Kabar desa)?'",
        '24:18: partners[1].cut[0].pattern: "(Kabar desa)?" matches the empty line; say which words the line has',
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut:\n      - pattern: '.{3,}'",
        '24:18: partners[1].cut[0].pattern: ".{3,}" matches lines of news such as "Warga mengungsi"; '
        "say which words the line has",
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut:\n      - pattern: '.{1,40}'",
        '24:18: partners[1].cut[0].pattern: ".{1,40}" matches lines of news such as "Warga mengungsi"; '
        "say which words the line has",
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut:\n      - pattern: '[A-Z].{5,}'",
        '24:18: partners[1].cut[0].pattern: "[A-Z].{5,}" matches lines of news such as "Warga mengungsi"; '
        "say which words the line has",
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut:\n      - pattern: '(?:\\w+|\\W|\\w)+,'",
        '24:18: partners[1].cut[0].pattern: takes too long: "(?:\\w+|\\W|\\w)+,"; avoid repetitions within repetitions',
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut: [Kabar desa]",
        '23:11: partners[1].cut[0]: expected a mapping (key: value), got "Kabar desa"',
    ),
    (
        "domains: [paper.example]",
        "domains: [paper.example]\n    cut: [{lines: Kabar desa}]",
        '23:12: partners[1].cut[0]: unknown key "lines"; did you mean "line"?',
    ),
    ("outputs:\n", "fetch: fast\noutputs:\n", '34:8: fetch: expected a mapping (key: value), got "fast"'),
]


def test_the_sample_is_fine() -> None:
    config = load()
    assert [source.every for source in config.sources] == [timedelta(minutes=15), "auto"]
    assert config.partners[0].domains == ("agency.example",)
    terms = config.partner("agency").terms
    assert (
        terms is not None and terms.valid_from == date(2022, 11, 1) and terms.embargo == timedelta(minutes=30)
    )
    assert config.topics[0].keywords == {"pemilu": 3, "dpr ri": 2}
    assert config.fetch.max_body == 10_000_000


def test_a_partners_own_rules_reach_the_cleaning() -> None:
    rules = "[{line: Kabar desa}, {pattern: 'Didukung oleh .+'}]"
    config = load(changed("domains: [paper.example]", f"domains: [paper.example]\n    cut: {rules}"))
    assert config.partner("paper").cut_rules == (
        CutRule(line="Kabar desa"),
        CutRule(pattern="Didukung oleh .+"),
    )
    assert config.partner("agency").cut_rules == ()


@pytest.mark.parametrize(("old", "new", "expected"), ONE_KEY, ids=[f"{case[1]!r:.40}" for case in ONE_KEY])
def test_a_mistake_is_placed_and_explained(old: str, new: str, expected: str) -> None:
    found = mistakes(changed(old, new))
    assert any(line.startswith(f"feeds.yaml:{expected}") for line in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[paper.example]", "[https://paper.example/]"),
        ("[paper.example]", "[paper.example, news.paper.example, other.example, .example]"),
        ("pemilu: 3", "pemilu:"),
        ("network: paper", "network:"),
        ("id: topics/lama", "id: TOPICS"),
    ],
)
def test_one_mistake_has_one_message(old: str, new: str) -> None:
    assert len(mistakes(changed(old, new))) == 1


def test_every_mistake_is_reported_at_once_in_file_order() -> None:
    text = SAMPLE
    for old, new in [
        ("name: Jambi Seru", "name: Jambi Seru\n  name: Lain"),  # found while reading
        ("every: 15m", "every: 15"),  # found by its type
        ("partner: agency", "partner: nobody"),  # found across keys
        ("title: Semua", 'title: "${HOME}"'),  # found among the secrets
        ("topics: [politik]", "topics: *politik"),
    ]:
        text = text.replace(old, new)
    found = mistakes(text)
    assert [line.split(": ")[1] for line in found] == [
        "site.name",
        "sources[0].partner",
        "sources[0].every",
        "sources[1].topics",
        "outputs.combined.title",
    ]
    positions = [tuple(map(int, line.split(":")[1:3])) for line in found]
    assert positions == sorted(positions)


def test_the_caret_stands_under_the_value() -> None:
    with pytest.raises(ConfigError) as caught:
        load(changed("every: 15m", "every: 15"))
    first, second = caught.value.problems[0].caret().splitlines()
    assert first[second.index("^") :] == "15}"


@pytest.mark.parametrize(
    ("body", "line", "column", "message"),
    [
        (None, 1, 1, "cannot be read: No such file or directory"),
        (b"site: \xff", 1, 7, "is not UTF-8 text"),
        ("a: 1\r\nb: é ".encode() + b"\xe9", 2, 6, "is not UTF-8 text"),
        (b"\xef\xbb\xbfa: \xe9", 1, 4, "is not UTF-8 text"),
        (SAMPLE.encode("utf-16"), 1, 1, "is not UTF-8 text"),
        (b"#" * 1_000_001, 1, 1, "is larger than 1,000,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_read(
    body: bytes | None, line: int, column: int, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "feeds.yaml"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path, {})
    problem = caught.value.problems[0]
    assert (problem.file, problem.line_number, problem.column) == (str(path), line, column)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(SAMPLE, encoding="utf-8-sig")
    assert load_config(path, {}) == load()


def test_partners_and_sources_are_found_by_id_in_copies_too() -> None:
    config = load()
    assert (config.partner("paper").name, config.find_partner("nobody")) == ("Paper", None)
    assert config.sources_among({"paper", "agency", "nobody"}) == config.sources
    with pytest.raises(KeyError):
        config.partner("nobody")
    other = config.model_copy(update={"sources": config.sources[1:], "partners": config.partners[::-1]})
    assert (other.find_source("agency"), other.find_source("paper")) == (None, config.sources[1])
    assert other.partner("agency") == config.partner("agency") == config.partners[0]
    assert (config, config.model_dump_json()) == (load(), load().model_dump_json())
