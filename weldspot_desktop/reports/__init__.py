"""What the program writes for people to keep: tables now, documents later. Knows no window."""
