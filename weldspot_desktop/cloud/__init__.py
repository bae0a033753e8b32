"""Places that phones send pictures to, and how the workstation reads them."""
