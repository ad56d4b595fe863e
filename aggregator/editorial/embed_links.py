"""Embeds that are printed as links: in the place of a frame, and at the end of a quotation that lost its own."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.editorial.blocks import Box, Inline, Leaf, Line, Run, tidy
from aggregator.editorial.dress import REL
from aggregator.editorial.embeds import embed_of


def link_embeds(root: Box) -> None:
    """Writes the links into the tree, after the boilerplate is gone: the rules judge the partner's words, not ours."""
    for child in root.children:
        if isinstance(child, Box):
            link_embeds(child)
        elif any(run.media and "href" in run.media.attrs for line in child.lines for run in line.runs):
            for line in child.lines:
                line.runs = [one for run in line.runs for one in _linked(run)]
            tidy(child)
    embed = embed_of(root.attrs.get("cite", "")) if root.tag == "blockquote" else None
    if embed and embed.page not in _pages_linked(root):
        root.children.append(Leaf("p", [Line([_link(embed.page)])]))


def _linked(run: Run) -> Iterator[Run]:
    if run.media is None or "href" not in run.media.attrs:
        yield run
        return
    outside = tuple(inline for inline in run.inlines if inline.tag != "a")
    yield Run((), " ")
    yield _link(run.media.attrs["href"], outside)
    yield Run((), " ")


def _link(page: str, outside: tuple[Inline, ...] = ()) -> Run:
    embed = embed_of(page)
    assert embed is not None  # the page of an embed is one
    return Run((*outside, Inline("a", {"href": page, "rel": REL})), embed.words)


def _pages_linked(box: Box) -> set[str]:
    """The pages of embeds that the box links to or frames."""
    runs = [run for line in box.lines() for run in line.runs]
    addresses = [inline.attrs.get("href", "") for run in runs for inline in run.inlines]
    addresses += [run.media.attrs.get("src", "") for run in runs if run.media]
    return {embed.page for address in set(addresses) if (embed := embed_of(address))}
