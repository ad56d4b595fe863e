"""``python -m aggregator`` and the ``aggregator`` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    # Not at the top: every worker process imports this module again, and needs none of what commands need.
    from aggregator.cli import app  # noqa: PLC0415

    app(prog_name="aggregator")


if __name__ == "__main__":
    main()
