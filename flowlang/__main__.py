"""`python -m flowlang`."""

from __future__ import annotations

import os
import sys


def _leave_the_folder() -> None:
    """Take out the working folder, which `-m` puts before all else: what is checked may hold a `json.py`."""
    try:
        here = os.getcwd()
    except FileNotFoundError:
        here = ""
    if sys.path and not sys.flags.safe_path and sys.path[0] == here:
        del sys.path[0]


_leave_the_folder()

from flowlang.cli import main  # noqa: E402

sys.exit(main())
