"""Whom an article's own text credits: the site it was taken from, and the headline it had there."""

from __future__ import annotations

import re

from aggregator.model.entry import Provenance

_HOST = r"(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}(?:com|id|net|org|tv|co|info|news))(?![\w-]|\.\w)"
_SITE = rf"(?:(?:laman|situs|portal|kanal|media)\s+)?(?:https?://)?(?:www\.)?{_HOST}"
_CREDIT = re.compile(
    r"\b(?:di(?:kutip|lansir|sadur|nukil|sitat)|me(?:ngutip|lansir|nukil))\s+(?:dari\s+)?" + _SITE
    + r"|\bartikel\s+ini\s+(?:telah|sudah|pernah)\s+(?:lebih\s+dulu\s+)?(?:tayang|terbit|dimuat)\s+di\s+"
    + _SITE.replace("<host>", "<reposted>")
    + r"|^\W{0,3}sumber\s*:\s*" + _SITE.replace("<host>", "<source>") + r"(?:/\S*)?\W{0,3}$",
    re.IGNORECASE,
)  # fmt: skip
_TITLE = re.compile(
    r"\b(?:dengan\s+judul|(?:artikel|berita|tulisan)(?:nya)?\s+(?:yang\s+)?berjudul)\s*:?\s*"
    r"(?:[\"“](?P<quoted>[^\"“”]{5,300})[\"”]|(?P<bare>(?-i:[A-Z0-9])[^\"“”]{4,300}))",
    re.IGNORECASE,
)
_TITLE_END = re.compile(
    r"(?<=[.!?])\s+(?=(?-i:[A-Z]))|[\s,(]+(?:klik untuk baca|baca selengkapnya|https?://)", re.IGNORECASE
)
_TITLE_REACH_CHARS = 600  # behind the site, past a partner chain in brackets


def provenance(full_text: str) -> Provenance | None:
    """The credit in a text of one paragraph a line; None when it credits no site.

    Read are ``dikutip dari HOST``, ``Artikel ini telah tayang di HOST``, ``Sumber: HOST``, each with ``berjudul T`` or
    ``dengan judul T`` behind it. A credit with a headline beats one without; of equals the last counts. A headline
    without a site is somebody's quotation, not a credit. The host is in lower case, without ``www.``.
    """
    found = None
    for line in full_text.split("\n"):
        credits = list(_CREDIT.finditer(line))
        ends = [credit.start() for credit in credits[1:]] + [len(line)]
        for credit, end in zip(credits, ends, strict=False):
            host = credit["host"] or credit["reposted"] or credit["source"]
            title = _title(line[credit.end() : min(end, credit.end() + _TITLE_REACH_CHARS)])
            if title or found is None or not found.title:
                found = Provenance(host.lower(), title)
    return found


def _title(behind_site: str) -> str:
    match = _TITLE.search(behind_site)
    if match is None:
        return ""
    return (match["quoted"] or _TITLE_END.split(match["bare"], maxsplit=1)[0]).strip(" .,;:'‘’")
