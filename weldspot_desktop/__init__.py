"""WeldSpot Desktop: a workstation for people who judge welds."""

__version__ = "0.1.0"
