"""Manuscripts in any form -> Article; this module is the door."""
