"""From a picture to a verdict: one picture, a folder, a live source. Knows no window."""
