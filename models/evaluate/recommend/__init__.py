"""How good lists are: accuracy, obedience and form, for every road that makes them."""
