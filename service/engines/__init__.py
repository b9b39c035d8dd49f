"""Engines: what decodes a list under a speller."""
