"""The demo shop and the tour that `make demo` gives of it."""
