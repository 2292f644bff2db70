"""Scenes: what a page of the desk is like, empty, full or in trouble, for the eye and for checks.

Each module here is about one part of the desk and has ``SCENES``: a name, and a function that makes
the rows and returns the path to open. ``tests/web/desk/test_scenes.py`` opens each in a browser;
``make screenshots`` takes its picture.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy.orm import Session

Scene = Callable[[Session], str]


def scenes() -> Iterator[tuple[str, Scene]]:
    """Yield every scene with its name: "today-full"."""
    for part in sorted(module.name for module in iter_modules(__path__)):
        made: Mapping[str, Scene] = import_module(f"{__name__}.{part}").SCENES
        for name, scene in made.items():
            yield f"{part}-{name}", scene
