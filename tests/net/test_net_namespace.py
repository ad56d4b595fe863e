"""The shared SSRF addresses at every entry point, inside a network namespace that nothing can leave.

Needs root for ``unshare``; AGGREGATOR_REQUIRE_NAMESPACE=1 forbids to skip where that is not permitted. What is done
there is told in tests/namespace_child.py and tests/entry_points.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from entry_points import ENTRY_POINTS, OF_ENTRIES, PAGE
from hostile_cases import FOLDER, cases, needs_cases
from namespace_child import CONTROL, HOPS, IMPORT, PUBLIC_ADDRESS, REBINDING_TRIES
from required import skip_unless_required

CHILD = Path(__file__).parents[1] / "namespace_child.py"
URLS = FOLDER / "ssrf" / "urls.tsv"
WITHIN_S = 500

pytestmark = [
    needs_cases,
    pytest.mark.slow,
    pytest.mark.timeout(WITHIN_S + 60),
    pytest.mark.xdist_group("namespace"),  # all of them read what one run brought
]

# What the guard says.
GUARD = (
    r"which fetch\.allow_networks does not list|neither http nor https|control character or a backslash"
    r"|is no IP address|serves no feeds|a user name or a? ?password"
)
# Where an address is passed over before anybody asks for it, and what is said then.
PASSED_OVER = {
    "robots_sitemap": "no way in was found",
    "sitemap_index": "none of which stands on the partner's domains|a list of 0 sitemaps",
    "article": "is not among the domains of p|^$",
    "image": "^$",
}
# An address of another scheme never becomes a source, nor a link.
OTHER_SCHEME = {
    "source": "expected an address such as",
    "source_of_any_kind": "expected an address such as",
    IMPORT: "expected an address such as",
    "feed_link": "no way in was found",
}
# The public half of the name that rebinds may be asked for; nobody listens there.
PUBLIC_HALF = re.compile(r"rebind\.test .*refuses connections")

Met = dict[str, Any]


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Met:
    _need_namespaces()
    folder, rundir = tmp_path_factory.mktemp("desks"), tmp_path_factory.mktemp("run")
    command = [str(FOLDER / "netns.sh"), sys.executable, "-B", str(CHILD), str(folder), str(URLS)]
    environ = os.environ | {"RUNDIR": str(rundir)}
    with (rundir / "log").open("wb") as log:
        child = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            status = child.wait(WITHIN_S)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    assert status == 0, (rundir / "log").read_text()[-4000:]
    assert "21 of 21" in (rundir / "dns.out").read_text(), "every canary stands"
    result: Met = json.loads((folder / "met.json").read_text())
    return result


def _need_namespaces() -> None:
    if not (shutil.which("unshare") and shutil.which("ip")):
        skip_unless_required("AGGREGATOR_REQUIRE_NAMESPACE", "no unshare or ip on this machine")
    tried = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        reason = f"no network namespace can be made (needs root): {tried.stderr.strip()}"
        skip_unless_required("AGGREGATOR_REQUIRE_NAMESPACE", reason)


def addresses() -> dict[str, str]:
    if not URLS.exists():
        return {}
    rows = [row.split("\t") for row in URLS.read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[1] for row in rows}


def test_no_canary_was_hit(met: Met) -> None:
    assert met["hits"] == []


def test_nothing_but_public_addresses_and_allowed_ports_was_connected_to(met: Met) -> None:
    hosts = {PUBLIC_ADDRESS, "93.184.216.35"}
    strays = [one for one in met["connected"] if one[0] not in hosts or one[1] in (25, 6379)]
    assert strays == []
    assert [PUBLIC_ADDRESS, 8098] in met["connected"]


def test_every_address_of_the_index_was_met(met: Met) -> None:
    assert set(cases("ssrf")) <= set(addresses())
    for entry_point in (*ENTRY_POINTS, IMPORT):
        assert set(met["entry_points"][entry_point]["outcomes"]) == {*addresses(), CONTROL}


@pytest.mark.parametrize("entry_point", (*ENTRY_POINTS, IMPORT))
@pytest.mark.parametrize(("case", "url"), addresses().items(), ids=addresses())
def test_an_address_is_refused_and_said_to_be(met: Met, case: str, url: str, entry_point: str) -> None:
    outcome = met["entry_points"][entry_point]["outcomes"][case]
    words = outcome["words"]
    is_web = url.startswith("http:")
    expected = GUARD if is_web else OTHER_SCHEME.get(entry_point, GUARD)
    expected = "|".join(filter(None, (expected, PASSED_OVER.get(entry_point))))
    assert re.search(expected, words) or ("rebind" in url and PUBLIC_HALF.search(words)), words
    assert "CANARY" not in words
    if entry_point in OF_ENTRIES:  # news is not lost for want of its page or picture
        assert (outcome["outcome"], outcome["entries"]) == ("read", 1)
    else:
        assert outcome["outcome"] in ("failed", "not taken")


@pytest.mark.parametrize("entry_point", (*ENTRY_POINTS, IMPORT))
def test_where_an_address_is_allowed_the_same_way_is_gone(met: Met, entry_point: str) -> None:
    outcome = met["entry_points"][entry_point]["outcomes"][CONTROL]
    assert outcome["outcome"] == "read"
    assert outcome["entries"] == (3 if entry_point not in {*OF_ENTRIES, "redirected_robots"} else 1)
    if entry_point == "image":
        assert outcome["asked"] == ["/f"], "pictures are linked, never fetched"
    elif entry_point in OF_ENTRIES:
        assert PAGE in outcome["asked"]


@pytest.mark.parametrize("entry_point", (*ENTRY_POINTS, IMPORT))
def test_what_is_good_is_published_and_nothing_of_the_inside(met: Met, entry_point: str) -> None:
    published = met["entry_points"][entry_point]["published"]
    items = json.loads(published)["items"]
    from_entries = len(addresses()) + 1
    good = {"redirected_robots": 1, **dict.fromkeys(OF_ENTRIES, from_entries)}.get(entry_point, 3)
    assert len(items) == good
    assert "CANARY" not in published


@pytest.mark.parametrize("case", HOPS)
def test_a_redirect_of_the_hostile_server_is_refused_on_the_hop(met: Met, case: str) -> None:
    outcome = met["hops"][case]
    assert outcome["outcome"] == "failed"
    # H43 holds an encoded line break, which stays encoded: an address like any other, and nothing is there.
    assert re.search("404" if case == "H43" else GUARD, outcome["words"])
    assert met["hops"][CONTROL]["outcome"] == "read"


def test_a_name_that_rebinds_is_refused_or_asked_for_at_its_public_address(met: Met) -> None:
    said = met["rebinding"]
    assert len(said) == REBINDING_TRIES
    assert all("127.0.0.1 is a loopback address" in words or PUBLIC_HALF.search(words) for words in said)
    assert any("127.0.0.1 is a loopback address" in words for words in said)


def test_h46_nothing_that_is_the_first_hosts_goes_to_another(met: Met) -> None:
    first, second = (
        next(one["h"] for one in met["requests"] if one["path"] == path) for path in ("/H46", "/H01")
    )
    assert first["if-none-match"] == '"secret"'
    assert second["host"].startswith("93.184.216.35:")
    assert set(second) <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
