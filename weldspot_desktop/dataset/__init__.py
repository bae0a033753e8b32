"""Labelled pictures: importing, grouping near-duplicates, splitting, versions."""
