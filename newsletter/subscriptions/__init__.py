"""Subscribers, from the form to goodbye; this is the door.

Each step leaves a line in the consent log. No function commits; each takes the session first and
the time as ``now``.
"""

from newsletter.subscriptions.people import MOST_NAME, add, leave, listed

__all__ = ["MOST_NAME", "add", "leave", "listed"]
