"""The offline evaluator: questions with known answers, rows of an ablation, and their scores."""
