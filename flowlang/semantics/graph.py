"""Order and cycles of a dependency graph on ints.

Kahn's linear pass gives the order and finds that there is a cycle; only then is networkx imported to say which: one
shortest cycle per strongly connected component, each cycle once. Never `simple_cycles`: exponential.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from networkx import DiGraph


def order(needs: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """Sort nodes so that each comes after what it needs, otherwise in their own order as far as it goes.

    Returns the order, nodes on or behind a cycle at its end in their own order, and the cycles: each a list of nodes
    of which every one needs the next and the last needs the first, beginning with its smallest.
    """
    count = len(needs)
    if _is_sorted(needs):
        return list(range(count)), []
    open_needs = [len(set(each)) for each in needs]
    users: list[list[int]] = [[] for _ in range(count)]
    for node in range(count):
        for other in set(needs[node]):
            users[other].append(node)
    done: list[int] = []
    ready = [node for node in range(count - 1, -1, -1) if not open_needs[node]]
    while ready:
        node = ready.pop()
        done.append(node)
        for user in reversed(users[node]):
            open_needs[user] -= 1
            if not open_needs[user]:
                ready.append(user)
    if len(done) == count:
        return done, []
    sorted_nodes = set(done)
    left = [node for node in range(count) if node not in sorted_nodes]
    return done + left, _cycles(needs, left)


def _is_sorted(needs: Sequence[Sequence[int]]) -> bool:
    """Whether each node needs earlier ones only."""
    for node, each in enumerate(needs):  # noqa: SIM110 — asked of every body, and a generator costs more than the loop
        if each and max(each) >= node:
            return False
    return True


def _cycles(needs: Sequence[Sequence[int]], nodes: list[int]) -> list[list[int]]:
    """One shortest cycle of every strongly connected component."""
    import networkx

    graph: DiGraph[int] = networkx.DiGraph()
    inside = set(nodes)
    graph.add_nodes_from(nodes)
    graph.add_edges_from((node, other) for node in nodes for other in sorted(set(needs[node])) if other in inside)
    found = [
        _shortest(graph.subgraph(component), component)
        for component in networkx.strongly_connected_components(graph)
        if len(component) > 1 or any(graph.has_edge(node, node) for node in component)
    ]
    return sorted(found)


def _shortest(graph: DiGraph[int], component: set[int]) -> list[int]:
    """A shortest cycle through one of a component's first nodes (64 suffice for a message), beginning with its
    smallest node.
    """
    import networkx

    best: list[int] | None = None
    for start in sorted(component)[:64]:
        if graph.has_edge(start, start):
            return [start]
        came_from = dict(networkx.bfs_predecessors(graph, start))
        for last in sorted(graph.predecessors(start)):
            path = [last]
            while path[-1] != start and (best is None or len(path) < len(best)):
                path.append(came_from[path[-1]])
            if path[-1] == start and (best is None or len(path) < len(best)):
                best = path[::-1]
    assert best is not None
    turn = best.index(min(best))
    return best[turn:] + best[:turn]
