"""The frozen values that travel from room to room. They know nobody; times are aware UTC; URLs are absolute or ''."""
