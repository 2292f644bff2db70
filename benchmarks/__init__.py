"""Measurements of the whole program; ``python -m benchmarks --help`` says which.

The PostgreSQL server of the tests serves here too, so that their folder is on the path.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))
