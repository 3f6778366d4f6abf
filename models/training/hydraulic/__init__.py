"""Condition of a hydraulic rig (UCI 447)."""
