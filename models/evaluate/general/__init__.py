"""General ability: what a model knows and can reckon besides shopping, by lm-evaluation-harness."""
