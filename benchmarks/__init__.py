"""Benchmarks: a whole issue, end to end, against a real SMTP server on this machine."""
