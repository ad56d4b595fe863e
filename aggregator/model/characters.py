"""Characters that no text of ours may hold, for every room that cleans."""

from __future__ import annotations

import re

# Noncharacters beyond the Basic Multilingual Plane: the last two of each plane.
BEYOND = "".join(chr((plane << 16) | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))

# Control characters (C1 too), lone surrogates and noncharacters: XML 1.0 forbids or discourages them
# (https://www.w3.org/TR/xml/#charsets), PostgreSQL refuses U+0000, terminals obey some.
_WITHIN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
# A set with single characters beyond that plane is sought ten times slower than one with a range of them, so that
# which one it is gets looked at afterwards.
HARMFUL = re.compile(f"[{_WITHIN}\U0001fffe-\U0010ffff](?<=[{_WITHIN}{BEYOND}])")
