"""Scenarios for Locust: many customers, each of whom checks every answer."""
