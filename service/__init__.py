"""Listwright online: lists that are valid and obey their controls by construction."""
