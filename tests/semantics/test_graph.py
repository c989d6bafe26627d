"""Order and cycles agree with networkx on every graph."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from flowlang.semantics.graph import order

GRAPHS = st.integers(1, 9).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, count - 1), max_size=4), min_size=count, max_size=count)
)


@given(GRAPHS)
def test_each_node_comes_after_what_it_needs(needs: list[list[int]]) -> None:
    sorted_, cycles = order(needs)
    assert sorted(sorted_) == list(range(len(needs)))
    if not cycles:
        place = {node: index for index, node in enumerate(sorted_)}
        assert all(place[other] < place[node] for node, others in enumerate(needs) for other in others)


@given(GRAPHS)
def test_cycles_are_the_shortest_of_every_component(needs: list[list[int]]) -> None:
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(len(needs)))
    graph.add_edges_from((node, other) for node, others in enumerate(needs) for other in others)
    _, cycles = order(needs)
    components = [
        component
        for component in networkx.strongly_connected_components(graph)
        if len(component) > 1 or any(graph.has_edge(node, node) for node in component)
    ]
    assert len(cycles) == len(components)
    assert cycles == sorted(cycles)
    for cycle in cycles:
        (component,) = [each for each in components if cycle[0] in each]
        assert all(graph.has_edge(a, b) for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        assert cycle[0] == min(cycle)
        shortest = min(len(each) for each in networkx.simple_cycles(graph.subgraph(component)))
        assert len(cycle) == shortest


def test_an_order_that_holds_already_is_kept() -> None:
    assert order([[], [0], [1, 0], []]) == ([0, 1, 2, 3], [])


def test_a_long_chain_needs_no_recursion() -> None:
    count = 20_000
    sorted_, cycles = order([[node + 1] if node + 1 < count else [] for node in range(count)])
    assert not cycles
    assert sorted_ == list(range(count - 1, -1, -1))
