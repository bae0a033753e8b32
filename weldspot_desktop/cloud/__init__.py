"""The clouds from which phones' pictures come."""
