"""Figures that judge a model, with the intervals that say how far to trust them."""
