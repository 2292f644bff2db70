"""Newsletter publishing for institutes that publish analyses."""

__version__ = "0.1.0"
