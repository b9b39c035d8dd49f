"""The offline evaluator: answers to questions with known answers, and lists of real users."""
