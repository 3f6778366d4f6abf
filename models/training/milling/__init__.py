"""Failures on a milling machine (AI4I 2020)."""
