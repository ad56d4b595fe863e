"""Checks across keys of feeds.yaml.

They work on the plain values and look only at what has the right shape, so that no mistake hides another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from urllib.parse import urljoin, urlsplit

from aggregator.config.explain import field_at
from aggregator.config.model import ATTRIBUTION_FIELDS, HUB_PATH, FetchRules, Keep, OutputDefaults
from aggregator.config.report import Report, path_words, suggestion
from aggregator.config.types import check_host, format_duration, parse_day, parse_duration, shown
from aggregator.config.yaml_nodes import Loc
from aggregator.model.gazetteer import codes_named
from aggregator.model.gazetteer import names as place_names
from aggregator.model.hosts import hosts_above

Mapping = dict[str, object]

# Folders below feeds/.
_TAKEN = {"topics": "the feeds per topic", "s": "the feeds of subscribers"}
_WITHOUT = {"terms": ": then headline and link only", "attribution": ": then the house formula"}
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def check_across(values: object, report: Report) -> None:
    """Put every contradiction between keys into the report. ``values`` as read, of any shape."""
    root = _mapping(values)
    for name in ("partners", "sources", "topics"):
        _check_once(_texts(_each(root, name), "id"), report)
    _check_no_value(values, (), report)
    _check_partners(root, report)
    _check_domains(root, report)
    _check_sources(root, report)
    _check_topic_names(root, report)
    _check_keywords(root, report)
    _check_outputs(root, report)
    _check_subscribers(root, report)
    _check_hub(root, report)
    _check_keep(root, report)
    _check_fetch(root, report)


def _check_hub(root: Mapping, report: Report) -> None:
    hub, feeds_url = _text(root, "hub"), _text(_mapping(root.get("site")), "feeds_url")
    if hub and feeds_url and hub.rstrip("/") == urljoin(feeds_url, HUB_PATH):
        report.at_value(("hub",), "this is our own hub's address; write own")


def _check_no_value(value: object, loc: Loc, report: Report) -> None:
    """A key with nothing behind it looks as if it said something."""
    if isinstance(value, dict):
        for key, below in value.items():
            _check_no_value(below, (*loc, key), report)
    elif isinstance(value, tuple):
        for index, below in enumerate(value):
            _check_no_value(below, (*loc, index), report)
    elif value is None and field_at(loc):
        without = _WITHOUT.get(str(loc[-1]), "")
        report.at_value(loc, f"nothing stands here; write a value, or remove the key{without}")


def _check_partners(root: Mapping, report: Report) -> None:
    known = _ids(root, "partners")
    for loc, partner in _each(root, "partners"):
        network = _text(partner, "network")
        if network is not None and network == _text(partner, "id"):
            report.at_value(
                (*loc, "network"), "a partner cannot be its own network; remove the key when it is direct"
            )
        elif network is not None:
            _check_known(network, known, (*loc, "network"), "partner", report)
        _check_terms(_mapping(partner.get("terms")), (*loc, "terms"), report)
        template = _text(_mapping(partner.get("attribution")), "template")
        if template is not None:
            _check_template(template, ATTRIBUTION_FIELDS, (*loc, "attribution", "template"), report)
            if "network" not in partner and "{network}" in template.replace("{{", ""):
                words = (
                    "{network} is used, but this partner has no network; add network, or leave the field out"
                )
                report.at_value((*loc, "attribution", "template"), words)


def _check_domains(root: Mapping, report: Report) -> None:
    """No host twice, and none below a host of another partner."""
    domains = [
        ((*loc, "domains", index), host)
        for loc, partner in _each(root, "partners")
        for index, domain in enumerate(_list(partner, "domains"))
        if (host := _host(domain))
    ]
    _check_once(domains, report)
    owners = {domain: loc for loc, domain in reversed(domains)}
    for loc, domain in domains:
        for above in hosts_above(domain):
            owner = owners.get(above)
            if owner is not None and owner[:2] != loc[:2]:
                words = f"inside {above}, which is {path_words(owner)} in line {report.line_of(owner)}"
                report.at_value(loc, f"{words}; subdomains are included, and no host belongs to two partners")


def _check_terms(terms: Mapping, loc: Loc, report: Report) -> None:
    first, last = _day(terms, "valid_from"), _day(terms, "valid_until")
    if first and last and last < first:
        report.at_value((*loc, "valid_until"), f"the last day is before the first, {first}")
    embargo, expiry = (
        _duration(terms, "embargo", timedelta(0)),
        _duration(terms, "expires_after", timedelta.max),
    )
    if embargo is not None and expiry is not None and expiry <= embargo:
        words = (
            f"not longer than the embargo of {format_duration(embargo)}, so nothing would ever be published"
        )
        report.at_value((*loc, "expires_after"), words)


def _check_sources(root: Mapping, report: Report) -> None:
    partners = _ids(root, "partners")
    for loc, source in _each(root, "sources"):
        partner = _text(source, "partner")
        if partner is not None:
            _check_known(partner, partners, (*loc, "partner"), "partner", report)
    urls = _texts(_each(root, "sources"), "url")
    _check_once(((loc, same_address(url)) for loc, url in urls), report)


def _check_topic_names(root: Mapping, report: Report) -> None:
    known = _ids(root, "topics")
    for name in ("sources", "overrides"):
        for loc, one in _each(root, name):
            for index, topic in enumerate(_list(one, "topics")):
                if isinstance(topic, str):
                    _check_known(topic, known, (*loc, "topics", index), "topic", report)
    _check_once(_texts(_each(root, "overrides"), "story"), report)


def _check_keywords(root: Mapping, report: Report) -> None:
    """No word twice in a topic: ``KOPI`` and ``kopi`` are one."""
    for loc, topic in _each(root, "topics"):
        words = [((*loc, "keywords", key), str(key).casefold()) for key in _mapping(topic.get("keywords"))]
        _check_once(words, report)


def _check_outputs(root: Mapping, report: Report) -> None:
    outputs = _mapping(root.get("outputs"))
    combined = _text(_mapping(outputs.get("combined")), "id") or "all"
    if combined in _TAKEN:
        words = f"the name {combined} is taken by {_TAKEN[combined]}; choose another"
        report.at_value(("outputs", "combined", "id"), words)
    title = _text(_mapping(outputs.get("topics")), "title")
    if title is not None:
        _check_template(title, ("topic",), ("outputs", "topics", "title"), report)
    _check_links(root, report)
    _check_custom(root, combined, report)
    custom = {one_id for _, one_id in _texts(_each(root, "outputs", "custom"), "id") if one_id}
    live = {combined, *custom, *(f"topics/{topic}" for topic in _ids(root, "topics"))}
    retired = list(_each(root, "outputs", "retired"))
    retired_ids = {_text(one, "id") for _, one in retired}
    for loc, one in retired:
        if _text(one, "id") in live:
            report.at_value((*loc, "id"), f"{shown(one['id'])} is published; remove it from the retired ones")
        moved_to = _text(one, "moved_to")
        if moved_to is not None and moved_to in retired_ids:
            report.at_value(
                (*loc, "moved_to"), f"{shown(moved_to)} is retired itself; name a published output"
            )
    _check_once(_texts(retired, "id"), report)


def _check_links(root: Mapping, report: Report) -> None:
    """Who leads to our own site must say where stories stand there."""
    if "story_url" in _mapping(root.get("site")):
        return
    outputs = _mapping(root.get("outputs"))
    named = [(("outputs", "defaults"), _mapping(outputs.get("defaults"))), *_each(root, "outputs", "custom")]
    named += _each(root, "subscribers")
    for loc, one in named:
        if _text(one, "link") == "site":
            words = "link: site needs site.story_url, the address of a story on our site with {id} in it"
            report.at_value((*loc, "link"), words)


def _check_custom(root: Mapping, combined: str, report: Report) -> None:
    """Ids that are free, and names that are known behind ``where``."""
    for loc, one in _each(root, "outputs", "custom"):
        if _text(one, "id") in (combined, *_TAKEN):
            report.at_value((*loc, "id"), f"the name {one['id']} is taken; choose another")
        where = one.get("where")
        if isinstance(where, dict) and not where:
            report.at_value((*loc, "where"), "nothing is asked for; without a wish it is the combined feed")
        _check_where(root, (*loc, "where"), _mapping(where), report)
    _check_once(_texts(_each(root, "outputs", "custom"), "id"), report)


def _check_where(root: Mapping, loc: Loc, where: Mapping, report: Report) -> None:
    known = {"topic": _ids(root, "topics"), "partner": _ids(root, "partners")}
    for key, names in known.items():
        for at, name in _named((*loc, key), where.get(key)):
            _check_known(name, names, at, key, report)
    for at, name in _named((*loc, "place"), where.get("place")):
        if not codes_named(name):
            report.at_value(at, f"unknown place {shown(name)}{_place_suggestion(name)}")


def _check_subscribers(root: Mapping, report: Report) -> None:
    partners = _ids(root, "partners")
    for loc, one in _each(root, "subscribers"):
        partner = _text(one, "partner")
        if partner is not None:
            _check_known(partner, partners, (*loc, "partner"), "partner", report)
        _check_where(root, (*loc, "where"), _mapping(one.get("where")), report)
    _check_once(_texts(_each(root, "subscribers"), "id"), report)


def _named(loc: Loc, value: object) -> Iterator[tuple[Loc, str]]:
    """Each text of a list, or the one that stands in its place."""
    values = value if isinstance(value, tuple) else (value,)
    return (((*loc, index), one) for index, one in enumerate(values) if isinstance(one, str))


def _place_suggestion(name: str) -> str:
    near = get_close_matches(
        name.casefold(), {one.casefold(): one for one in place_names()}, n=1, cutoff=0.75
    )
    meant = next((one for one in place_names() if near and one.casefold() == near[0]), "")
    return f'; did you mean "{meant}"?' if meant else "; name a province, a city or a regency of Indonesia"


def _check_fetch(root: Mapping, report: Report) -> None:
    fetch = _mapping(root.get("fetch"))
    least = _duration(fetch, "auto_min", FetchRules().auto_min)
    most = _duration(fetch, "auto_max", FetchRules().auto_max)
    if least and most and most < least:
        words = f"{format_duration(least)} at least, but {format_duration(most)} at most"
        loc = ("fetch", "auto_max" if "auto_max" in fetch else "auto_min")
        report.at_value(
            loc, f"every: auto cannot be {words}; fetch.auto_max must not be below fetch.auto_min"
        )


def _check_keep(root: Mapping, report: Report) -> None:
    defaults, keep = _mapping(_mapping(root.get("outputs")).get("defaults")), _mapping(root.get("keep"))
    max_age = _duration(defaults, "max_age", OutputDefaults().max_age)
    stories = _duration(keep, "stories", Keep().stories)
    if max_age and stories and stories < max_age:
        words = f"stories are kept for {format_duration(stories)} but shown for {format_duration(max_age)}"
        loc = ("keep", "stories") if "stories" in keep else ("outputs", "defaults", "max_age")
        report.at_value(loc, f"{words}; keep.stories must be at least outputs.defaults.max_age")


def _check_once(found: Iterable[tuple[Loc, str | None]], report: Report) -> None:
    """No value twice."""
    first: dict[str, Loc] = {}
    for loc, value in found:
        if value is not None and value in first:
            other = first[value]
            words = f"the same as {path_words(other)} in line {report.line_of(other)}; each must be different"
            report.at_value(loc, words)
        elif value is not None:
            first[value] = loc


def _check_known(name: str, known: Collection[str], loc: Loc, kind: str, report: Report) -> None:
    if name not in known:
        report.at_value(loc, f"unknown {kind} {shown(name)}{suggestion(name, known)}")


def _check_template(template: str, fields: tuple[str, ...], loc: Loc, report: Report) -> None:
    """Fixed fields only: no numbers, attributes, conversions or formats."""
    for match in _FIELD.finditer(template):
        if match[0] in ("{", "}"):
            report.at_value(loc, f'a single "{match[0]}"; close the field, or double a literal brace')
            return
        if match[1] is not None and match[1] not in fields:
            report.at_value(loc, f"unknown field {shown(match[0])}{suggestion(match[1], fields)}")
            return


def same_address(url: str | None) -> str | None:
    """Equal for spellings of one address: scheme, case of the host and a last slash do not matter."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}" if parts.netloc else None


def _mapping(value: object) -> Mapping:
    return value if isinstance(value, dict) else {}


def _list(mapping: Mapping, key: str) -> tuple[object, ...]:
    value = mapping.get(key)
    return value if isinstance(value, tuple) else ()


def _each(root: Mapping, *path: str) -> Iterator[tuple[Loc, Mapping]]:
    """The mappings of the list at ``path``, each with its location."""
    above = root
    for step in path[:-1]:
        above = _mapping(above.get(step))
    for index, one in enumerate(_list(above, path[-1])):
        if isinstance(one, dict):
            yield (*path, index), one


def _ids(root: Mapping, name: str) -> dict[str, Loc]:
    return {one_id: loc for loc, one_id in _texts(_each(root, name), "id") if one_id is not None}


def _texts(each: Iterable[tuple[Loc, Mapping]], key: str) -> Iterator[tuple[Loc, str | None]]:
    """The text under ``key`` of each mapping, with its own location."""
    return (((*loc, key), _text(one, key)) for loc, one in each)


def _text(mapping: Mapping, key: str) -> str | None:
    value = mapping.get(key)
    return value if isinstance(value, str) else None


def _host(value: object) -> str | None:
    try:
        return check_host(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _day(mapping: Mapping, key: str) -> date | None:
    try:
        return parse_day(mapping.get(key))
    except ValueError:
        return None


def _duration(mapping: Mapping, key: str, default: timedelta) -> timedelta | None:
    try:
        return parse_duration(mapping.get(key, default))
    except ValueError:
        return None
