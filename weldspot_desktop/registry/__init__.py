"""Model versions: which there are, and which one is used."""
