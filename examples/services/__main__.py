"""`python -m examples.services`: the stand-in services until Ctrl-C."""

from __future__ import annotations

import sys

from examples.services.server import main

sys.exit(main())
