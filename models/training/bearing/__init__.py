"""Faults of the drive-end bearing of a motor (Case Western Reserve University)."""
