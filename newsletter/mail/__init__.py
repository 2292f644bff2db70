"""Frozen content + reader -> Envelope; this module is the door."""
