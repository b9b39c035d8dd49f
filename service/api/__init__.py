"""The HTTP surface; thin."""
