"""Benchmarks and load: figures, never tests."""
