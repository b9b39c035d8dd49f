"""Offline models: what trains, converts and evaluates. May use `service`, never the reverse."""
