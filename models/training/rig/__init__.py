"""Anomalies of the simulated pump rig."""
