from pathlib import Path
from typing import Any


def fill(database: Path, raw: dict[str, Any], number: int) -> None:
    raise NotImplementedError
