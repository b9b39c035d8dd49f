"""Steering: what may be spelled next, and how a plan is kept. numpy only, no model, no HTTP.

A *row* is an item's place in the catalogue. Items are stored in the order of their token
sequences, so one row number serves the item table, the category postings, the scores and the
lexicon alike.
"""
