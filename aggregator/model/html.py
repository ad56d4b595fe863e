"""The only type of markup that may be rendered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """Markup that passed the sanitizer or was escaped by us.

    Made in ``editorial.sanitize``, in ``editorial.attribution`` and by ``store`` on load, nowhere else
    (tests/test_architecture.py looks for any other place).
    """

    markup: str

    def __bool__(self) -> bool:
        return bool(self.markup)
