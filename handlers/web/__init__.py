"""The web pages and webhooks."""
