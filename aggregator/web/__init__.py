"""The HTTP server: documents from memory, health, metrics and the page for ops. It decides nothing about news."""
