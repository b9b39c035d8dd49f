"""SASRec: trained on what users met one after another, and published as a ranker."""
