"""Modules stand on each other, never in a circle."""

from __future__ import annotations

import grimp
import networkx


def cycles_at_run_time() -> list[list[str]]:
    """Modules that import each other, lazily or not; imports for types only do not count."""
    graph = grimp.build_graph("flowlang", exclude_type_checking_imports=True, cache_dir=None)
    edges: networkx.DiGraph[str] = networkx.DiGraph(
        (a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)
    )
    return [sorted(knot) for knot in networkx.strongly_connected_components(edges) if len(knot) > 1]


def test_no_module_imports_itself_in_the_end() -> None:
    assert cycles_at_run_time() == []
