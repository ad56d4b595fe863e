"""A small, whole feeds.yaml for tests, and how it is broken."""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.config.load import parse_config
from aggregator.config.model import Config
from aggregator.errors import ConfigError

SAMPLE = """\
site:
  name: Jambi Seru
  url: https://jambiseru.com/
  feeds_url: https://feeds.jambiseru.com/
  contact: redaksi@jambiseru.com
partners:
  - id: agency
    name: Agency
    url: https://agency.example/
    domains: [agency.example]
    network: paper
    terms:
      licence: A-1
      valid_from: 2022-11-01
      valid_until: 2027-10-31
      embargo: 30m
    attribution:
      template: "dikutip dari {origin} ({network})"
  - id: paper
    name: Paper
    url: https://paper.example/
    domains: [paper.example]
sources:
  - {id: agency, partner: agency, url: "https://agency.example/rss", every: 15m}
  - id: paper
    partner: paper
    url: https://paper.example/feed/
    topics: [politik]
topics:
  - id: politik
    title: Politik
    paths: [/politik/]
    keywords: {pemilu: 3, "dpr ri": 2}
outputs:
  combined: {title: Semua}
  retired: [{id: topics/lama, moved_to: topics/politik}]
"""


def load(text: str = SAMPLE, environ: Mapping[str, str] | None = None) -> Config:
    return parse_config(text, "feeds.yaml", environ or {})


def changed(old: str, new: str) -> str:
    """The sample with one piece replaced; the piece must be there exactly once."""
    assert SAMPLE.count(old) == 1, old
    return SAMPLE.replace(old, new)


def mistakes(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """The reported lines; [] when the text is fine."""
    try:
        load(text, environ)
    except ConfigError as error:
        return [problem.line() for problem in error.problems]
    return []
