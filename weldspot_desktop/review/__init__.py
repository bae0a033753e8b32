"""The queue of uploads: fetching them, cleaning them, and what reviewers need besides the store."""
