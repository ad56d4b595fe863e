"""Bytes to entries: decode, refuse what is dangerous, parse, map, date, identify. Pure: ``now`` is given."""
