"""The desk: where editors sign in and work. Each module has the views of one part of it."""

from newsletter.web.desk import account as account
from newsletter.web.desk import composer as composer
from newsletter.web.desk import joining as joining
from newsletter.web.desk import library as library
from newsletter.web.desk import overview as overview
from newsletter.web.desk import pictures as pictures
from newsletter.web.desk import revisions as revisions
from newsletter.web.desk import signing_in as signing_in
from newsletter.web.desk import team as team
from newsletter.web.desk.frame import show_error
from newsletter.web.desk.guard import bp

__all__ = ["bp", "show_error"]
