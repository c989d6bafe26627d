"""`python -m flowlang`."""

from __future__ import annotations

import sys

from flowlang.cli import main

sys.exit(main())
