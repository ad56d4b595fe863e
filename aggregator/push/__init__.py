"""WebSub, without network or database: what a hub, a publisher and a subscriber say and understand."""
