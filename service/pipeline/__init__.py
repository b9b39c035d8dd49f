"""The pipeline: each module readable as the architecture."""
