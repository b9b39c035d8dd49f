"""How a question is laid out: headings, sections, the stem, and what it is about."""
