"""Metrics and logs, as hooks."""
