"""Questions: what is asked, read out of raw text. Pure functions, no model."""
