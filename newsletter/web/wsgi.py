"""The door for a WSGI server: ``granian --interface wsgi --factory newsletter.web.wsgi:load``."""

from flask import Flask

from newsletter import config
from newsletter.database import Database
from newsletter.web import create_app


def load() -> Flask:
    """Build the application from the environment, for a process of its own."""
    settings = config.load()
    return create_app(settings, Database(settings.database_url))
