"""Build hook: what the wheel carries besides Python modules.

The data folders `grammar/`, `stdlib/`, `docs/language/` and `docs/rules/` stand in the wheel under
`flowlang/_bundled/`, beside the parser table and the resolved standard library, which are machine-built here from the
first two. An editable install carries none of it: `flowlang.bundled` falls back to the folders of the checkout.

Deliberately absent: generated files in the work tree. They are built into a temporary folder.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA_FOLDERS = ("grammar", "stdlib", "docs/language", "docs/rules")
TABLE_BUILDERS = ("flowlang.syntax.tables", "flowlang.semantics.catalog", "flowlang.checks.index")
"""Modules whose `build(folder)` writes files that belong into `flowlang/_bundled/`."""


class BundleHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """Adds the data folders and the machine-built tables to a wheel."""

    _built: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        included: dict[str, str] = build_data["force_include"]
        for folder in DATA_FOLDERS:
            if any((root / folder).glob("*")):
                included[str(root / folder)] = f"flowlang/_bundled/{folder}"
        for path in self._build_tables(root):
            included[str(path)] = f"flowlang/_bundled/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._built is not None:
            self._built.cleanup()

    def _build_tables(self, root: Path) -> list[Path]:
        """Build the tables from the checkout being packaged, never from an installed flowlang."""
        self._built = tempfile.TemporaryDirectory(prefix="flowlang-tables-")
        folder = Path(self._built.name)
        sys.path.insert(0, str(root))
        try:
            for name in TABLE_BUILDERS:
                if (root / (name.replace(".", "/") + ".py")).is_file():
                    importlib.import_module(name).build(str(folder))
        finally:
            sys.path.remove(str(root))
        return sorted(folder.iterdir())
