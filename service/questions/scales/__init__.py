"""Scales: the numbers that an answer may be, and what the ends of them mean."""
