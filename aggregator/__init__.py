"""aggregator: a newsroom's syndication desk. The house is drawn in docs/architecture.md."""

__version__ = "0.1.0"
