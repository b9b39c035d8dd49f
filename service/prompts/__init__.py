"""Prompts: pure, versioned functions from data to what an engine is asked."""
