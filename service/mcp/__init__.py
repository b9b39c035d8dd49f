"""Agents: what they call over the Model Context Protocol, led to the service's own routes."""
