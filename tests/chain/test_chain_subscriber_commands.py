"""The commands that add, rotate, revoke and list subscribers: what they write, end and say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from desk import item, raw_config, rss
from partner_server import PartnerServer
from typer.testing import CliRunner, Result

from aggregator.cli import app
from aggregator.store.public import SERVICE_LOCK, try_lock

pytestmark = pytest.mark.slow

ADDRESS = re.compile(r"https://feeds\.jambiseru\.com/(feeds/s/([a-z2-7]{32})\.[a-z]+)")
HEAD = "# Kontrak ada di lemari.\n"
TAIL = "\n# alerts:   # belum\n#   email: redaksi@jambiseru.com\n"


@pytest.fixture
def folder(tmp_path: Path, server: PartnerServer) -> Path:
    """A desk with two stories, and comments in its feeds.yaml."""
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, "dua", host="b.example"))}
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    raw["fetch"]["first_poll_max_age"] = "36500d"
    (tmp_path / "feeds.yaml").write_text(HEAD + yaml.safe_dump(raw, sort_keys=False) + TAIL)
    assert run(tmp_path, "poll", "--all").exit_code == 0
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    places = {
        "AGGREGATOR_CONFIG": str(folder / "feeds.yaml"),
        "AGGREGATOR_DATABASE": f"sqlite:///{folder / 'data/desk.db'}",
        "AGGREGATOR_PUBLIC": str(folder / "public"),
    }
    return CliRunner(env=places).invoke(app, arguments)


def subscriber(folder: Path, *arguments: str) -> Result:
    return run(folder, "subscriber", *arguments)


def add(folder: Path, *more: str) -> str:
    """The path of the RSS document of the new subscriber."""
    added = subscriber(folder, "add", "kabar-muaro", "--name", "Kabar Muaro", *more)
    assert added.exit_code == 0, added.output
    return str(ADDRESS.findall(added.output)[0][0])


def titles(folder: Path, rss_path: str) -> list[str]:
    body = (folder / "public" / rss_path).with_suffix(".json").read_bytes()
    return sorted(one["title"] for one in json.loads(body)["items"])


def test_add_writes_the_entry_makes_the_key_and_publishes(folder: Path) -> None:
    before = (folder / "feeds.yaml").read_text()
    added = subscriber(
        folder,
        *(
            "add",
            "kabar-muaro",
            "--name",
            "Kabar Muaro: ekonomi",
            "--partner",
            "b",
            "--domain",
            "kabarmuaro.id",
        ),
        *("--domain", "muaro.id", "--topic", "politik", "--topic", "hukum", "--profile", "wordpress"),
        *("--content", "excerpt", "--limit", "20", "--until", "2099-10-31"),
    )
    assert added.exit_code == 0, added.output
    assert (folder / "feeds.yaml").read_text() == before + (
        '\nsubscribers:\n- id: kabar-muaro\n  name: "Kabar Muaro: ekonomi"\n  partner: b\n'
        "  domains: [kabarmuaro.id, muaro.id]\n  where: {topic: [politik, hukum]}\n  profile: wordpress\n"
        '  content: excerpt\n  limit: 20\n  valid_until: "2099-10-31"\n'
    )
    paths = [path for path, _ in ADDRESS.findall(added.output)]
    assert [path.rpartition(".")[2] for path in paths] == ["rss", "atom", "json"]
    assert all((folder / "public" / path).exists() for path in paths)
    assert run(folder, "check").exit_code == 0


def test_add_of_everything_for_who_is_no_partner(folder: Path) -> None:
    assert titles(folder, add(folder)) == ["dua", "satu"]


def test_add_of_a_partner_never_its_own(folder: Path) -> None:
    assert titles(folder, add(folder, "--partner", "b")) == ["satu"]


def test_add_for_google_news_is_a_sitemap(folder: Path) -> None:
    assert add(folder, "--profile", "google-news").endswith(".xml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("kabar-muaro", "--partner", "c"), 'no partner "c" in feeds.yaml'),
        (("Kabar Muaro",), "expected an id of small letters"),
        (("kabar-muaro", "--topic", "politk"), 'unknown topic "politk"; did you mean "politik"?'),
        (("kabar-muaro", "--profile", "drupal"), "expected plain, wordpress or google-news"),
        (("kabar-muaro", "--until", "besok"), "expected a day such as 2022-11-01"),
        (("kabar-muaro", "--domain", "https://muaro.id"), "expected a host"),
    ],
)
def test_a_slip_changes_nothing(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    before = (folder / "feeds.yaml").read_bytes()
    added = subscriber(folder, "add", *arguments, "--name", "Kabar Muaro")
    assert added.exit_code == 2
    assert words in re.sub(r"[\s│]+", " ", added.output)
    assert (folder / "feeds.yaml").read_bytes() == before
    assert not (folder / "public/feeds/s").exists()


def test_an_id_is_nobodys_but_the_first_ones(folder: Path) -> None:
    path = add(folder)
    again = subscriber(folder, "add", "kabar-muaro", "--name", "Lain")
    assert again.exit_code == 2
    assert "each must be different" in again.output
    assert path.split("/")[2][:32] in subscriber(folder, "list").output


def test_where_a_service_works_it_publishes(folder: Path) -> None:
    lock = try_lock(folder / "public" / SERVICE_LOCK)
    assert lock is not None
    with lock:
        added = subscriber(folder, "add", "kabar-muaro", "--name", "Kabar Muaro")
    assert "the service that runs here publishes it" in added.output
    ((path, _), *_) = ADDRESS.findall(added.output)
    assert not (folder / "public" / path).exists()
    assert run(folder, "publish").exit_code == 0
    assert (folder / "public" / path).exists()


def test_rotate_keeps_the_old_address_for_a_grace(folder: Path) -> None:
    old = add(folder)
    rotated = subscriber(folder, "rotate", "kabar-muaro")
    assert "every older address of it answers 410 in 7d, or sooner" in rotated.output
    new = ADDRESS.findall(rotated.output)[0][0]
    assert new != old
    assert titles(folder, old) == titles(folder, new)
    listed = subscriber(folder, "list").output
    assert "at an old address until" in listed
    # The one to give away stands first, with nothing behind it.
    assert [path for path, _ in ADDRESS.findall(listed)] == [new, old]
    assert re.search(rf"{re.escape(new)} \(2 stories\)\n", listed)
    assert re.search(rf"{re.escape(old)} \(2 stories, old, until 20\d\d-", listed)
    newest = ADDRESS.findall(subscriber(folder, "rotate", "kabar-muaro", "--grace", "0s").output)[0][0]
    assert not (folder / "public" / new).exists()
    assert not (folder / "public" / old).exists()
    assert (folder / "public" / newest).exists()


def test_revoke_ends_all_addresses_and_comments_the_entry_out(folder: Path) -> None:
    before = (folder / "feeds.yaml").read_text()
    old = add(folder)
    new = ADDRESS.findall(subscriber(folder, "rotate", "kabar-muaro").output)[0][0]
    revoked = subscriber(folder, "revoke", "kabar-muaro")
    assert revoked.exit_code == 0
    assert "kabar-muaro: 2 addresses ended" in revoked.output
    assert "commented out in" in revoked.output
    assert not list((folder / "public/feeds/s").iterdir())
    assert (folder / "feeds.yaml").read_text() == before + (
        "\n# subscribers:\n# - id: kabar-muaro\n#   name: Kabar Muaro\n"
    )
    assert subscriber(folder, "list").output.startswith("no subscribers")
    assert add(folder) not in {old, new}  # who is called so again has nothing of the first one's
    assert subscriber(folder, "revoke", "kabar-muaro").exit_code == 0


def test_revoke_works_while_feeds_yaml_is_refused(folder: Path) -> None:
    path = add(folder)
    run(folder, "poll", "a")  # so that the last good file is known
    file = folder / "feeds.yaml"
    broken = file.read_text().replace("every: 15m", "every: 15", 1)
    file.write_text(broken)
    revoked = subscriber(folder, "revoke", "kabar-muaro")
    assert revoked.exit_code == 1
    assert "1 address ended" in revoked.output
    assert "take kabar-muaro out by hand" in revoked.output
    assert not (folder / "public" / path).exists()
    assert file.read_text() == broken


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_who_is_not_known_is_told(folder: Path, command: str) -> None:
    assert "there are no subscribers" in re.sub(r"[\s│]+", " ", subscriber(folder, command, "muaro").output)
    add(folder)
    told = subscriber(folder, command, "kabar-muara")
    assert told.exit_code == 2
    assert 'did you mean "kabar-muaro"?' in re.sub(r"[\s│]+", " ", told.output)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--until", "2020-01-01"), "its last day was 2020-01-01, so its address answers 410"),
        (("--profile", "google-news"), "set link: site"),
    ],
    ids=["over", "sitemap of others"],
)
def test_add_says_what_will_not_work(folder: Path, more: tuple[str, ...], words: str) -> None:
    added = subscriber(folder, "add", "kabar-muaro", "--name", "Kabar Muaro", *more)
    assert added.exit_code == 0
    for said in (added.output, run(folder, "check").output):
        assert words in " ".join(said.split())


def test_an_id_that_is_gone_from_the_file_is_missed(folder: Path) -> None:
    path = add(folder)
    file = folder / "feeds.yaml"
    file.write_text(file.read_text().replace("id: kabar-muaro", "id: kabar-muarro"))
    words = "subscriber kabar-muaro stands in feeds.yaml no longer, so its address answers 410"
    for command in ("check", "status"):
        assert words in " ".join(run(folder, command).output.split())
    assert subscriber(folder, "revoke", "kabar-muaro").exit_code == 0
    assert words not in " ".join(run(folder, "check").output.split())
    assert not (folder / "public" / path).exists()


def test_who_wants_only_what_is_its_own_is_told(folder: Path) -> None:
    add(folder, "--partner", "b")
    file = folder / "feeds.yaml"
    file.write_text(
        file.read_text().replace("  name: Kabar Muaro\n", "  name: Kabar Muaro\n  where: {partner: b}\n")
    )
    assert "it takes b's articles only, which are its own" in " ".join(run(folder, "check").output.split())


def test_list_and_status_for_people_and_machines(folder: Path) -> None:
    path = add(folder, "--until", "2020-01-01")
    listed = subscriber(folder, "list").output
    assert "kabar-muaro (Kabar Muaro): over: its last day was 2020-01-01" in listed
    assert "in 7 days: 0 documents sent, 0 times unchanged" in listed
    assert path not in listed
    file = folder / "feeds.yaml"
    file.write_text(file.read_text().replace('valid_until: "2020-01-01"', "valid_until: 2099-01-01"))
    (one,) = json.loads(subscriber(folder, "list", "--json").stdout)
    assert (one["id"], one["state"], one["valid_until"]) == ("kabar-muaro", "answered", "2099-01-01")
    assert one["addresses"] == [{"url": f"https://feeds.jambiseru.com/{path}", "ends_at": None, "stories": 0}]
    assert "1 subscriber, 0 requests in 7 days: aggregator subscriber list" in run(folder, "status").output
