"""How far the goal of an appeal is, in words and as a bar that needs no picture."""

import re
from dataclasses import dataclass
from decimal import Decimal

from newsletter.language import say_date, say_money, translations
from newsletter.rendering.edition import Goal


@dataclass(frozen=True, slots=True)
class Bar:
    """A goal as it is shown: ``words`` say it whole, ``percent`` is how much of the bar is full."""

    words: str
    percent: int


def bar(goal: Goal, language: str) -> Bar:
    """Say in ``language`` how far a goal is: nothing recorded, a part of it, or all."""
    _ = translations(language).gettext
    facts = {
        "goal": _sum(goal.amount, goal, language),
        "given": _sum(goal.given, goal, language),
        "day": say_date(goal.told_on, language),
    }
    if goal.is_met:
        return Bar(_("%(given)s given: the goal of %(goal)s is reached. Thank you.") % facts, 100)
    if goal.gifts:
        words = _("%(given)s of %(goal)s given by %(day)s.") % facts
    else:
        words = _("The goal is %(goal)s. No gift has been recorded yet.") % facts
    if goal.until:
        until = {"until": say_date(goal.until, language)}
        words += " " + _("We hope to reach it by %(until)s.") % until
    return Bar(words, goal.percent)


def _sum(amount: Decimal, goal: Goal, language: str) -> str:
    """Write a sum; whole ones without hundredths, as one says them."""
    written = say_money(amount, goal.currency, language)
    return re.sub(r"[.,]00(?!\d)", "", written) if amount == amount.to_integral() else written
