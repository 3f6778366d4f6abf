"""Remaining useful life of turbofans (C-MAPSS FD001)."""
