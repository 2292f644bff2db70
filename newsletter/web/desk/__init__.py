"""The desk: where editors sign in and work. Each module has the views of one part of it."""

from newsletter.web.desk import account as account
from newsletter.web.desk import appeal_preview as appeal_preview
from newsletter.web.desk import appeal_report as appeal_report
from newsletter.web.desk import appeal_variants as appeal_variants
from newsletter.web.desk import appeals as appeals
from newsletter.web.desk import approval as approval
from newsletter.web.desk import audience as audience
from newsletter.web.desk import bringing as bringing
from newsletter.web.desk import calendar as calendar
from newsletter.web.desk import checking as checking
from newsletter.web.desk import composer as composer
from newsletter.web.desk import correcting as correcting
from newsletter.web.desk import domains as domains
from newsletter.web.desk import donations as donations
from newsletter.web.desk import furniture as furniture
from newsletter.web.desk import giving as giving
from newsletter.web.desk import growth as growth
from newsletter.web.desk import hooks as hooks
from newsletter.web.desk import importing as importing
from newsletter.web.desk import issue_appeal as issue_appeal
from newsletter.web.desk import issue_list as issue_list
from newsletter.web.desk import joining as joining
from newsletter.web.desk import keys as keys
from newsletter.web.desk import library as library
from newsletter.web.desk import logos as logos
from newsletter.web.desk import monthlies as monthlies
from newsletter.web.desk import overview as overview
from newsletter.web.desk import pictures as pictures
from newsletter.web.desk import preview as preview
from newsletter.web.desk import publications as publications
from newsletter.web.desk import relays as relays
from newsletter.web.desk import report as report
from newsletter.web.desk import reports as reports
from newsletter.web.desk import revisions as revisions
from newsletter.web.desk import schedule as schedule
from newsletter.web.desk import segments as segments
from newsletter.web.desk import sending as sending
from newsletter.web.desk import settings as settings
from newsletter.web.desk import signing_in as signing_in
from newsletter.web.desk import subscriber_acts as subscriber_acts
from newsletter.web.desk import subscribers as subscribers
from newsletter.web.desk import suppressions as suppressions
from newsletter.web.desk import team as team
from newsletter.web.desk import templates as templates
from newsletter.web.desk import waves as waves
from newsletter.web.desk.frame import show_error
from newsletter.web.desk.guard import bp

__all__ = ["bp", "show_error"]
