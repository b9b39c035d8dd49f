"""Retrievers: the collaborative and semantic scores that form the prior."""
