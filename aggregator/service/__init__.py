"""The service: what ``aggregator run`` composes from jobs, engine, store and web."""
