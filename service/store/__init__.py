"""Stores: what is remembered about users."""
