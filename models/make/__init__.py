"""Every step after another: from what users met to a model that is served and judged."""
