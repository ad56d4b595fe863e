"""Characters that no text of ours may hold, for every room that cleans."""

from __future__ import annotations

import re

_NONCHARACTERS = "".join(chr((plane << 16) | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))

# Control characters (C1 too), lone surrogates and noncharacters: XML 1.0 forbids or discourages them
# (https://www.w3.org/TR/xml/#charsets), PostgreSQL refuses U+0000, terminals obey some.
HARMFUL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
