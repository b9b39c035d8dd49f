"""Listwright for programs that use it: `from listwright.client import Client, AsyncClient`."""
