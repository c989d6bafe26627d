"""Records: what `flowlang.record` makes of annotations."""

from __future__ import annotations

import pytest

from flowlang.record import Record


class Place(Record):
    """A record with a default."""

    __slots__ = ()

    x: int
    y: int = 0


class Named(Place):
    """One that adds a field to those of its parent."""

    __slots__ = ()

    name: str = "here"


class Nothing(Record):
    """One without fields."""

    __slots__ = ()


class Wide(Record):
    """One of many fields."""

    __slots__ = ()

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int
    i: int
    j: int
    k: int
    l: int  # noqa: E741
    m: int
    n: int


def test_fields_are_given_by_place_and_by_name() -> None:
    assert (Place(1, 2).x, Place(1, 2).y, Place(y=3, x=1).y, Place(1).y) == (1, 2, 3, 0)
    assert (Named(1).name, Named(1, 2, "there").name, Named(1, name="there").y) == ("here", "there", 0)
    wide = Wide(*range(14))
    assert [getattr(wide, name) for name in "abcdefghijklmn"] == list(range(14))
    assert bool(Nothing())
    assert repr(Place(1)) == "Place(x=1, y=0)"


@pytest.mark.parametrize("make", [lambda: Place(), lambda: Place(1, 2, 3), lambda: Place(1, z=2), lambda: Nothing([])])  # type: ignore[call-arg,arg-type]
def test_what_does_not_fit_is_refused(make: object) -> None:
    with pytest.raises(TypeError):
        make()  # type: ignore[operator]


def test_a_copy_has_the_fields_that_were_changed() -> None:
    assert Named(1, 2).replace(name="there", x=5) == Named(5, 2, "there")
    with pytest.raises(TypeError, match="no field `z`"):
        Place(1).replace(z=1)


def test_records_are_equal_only_within_a_class() -> None:
    class Other(Record):
        __slots__ = ()

        x: int
        y: int

    same, alike, other = Place(1, 2), Place(1, 2), Other(1, 2)
    assert (same == alike, same != alike) == (True, False)
    assert (same == other, same != other) == (False, True)
    assert (same == Place(1, 3), same != Place(1, 3)) == (False, True)
    assert len({Place(1), Place(1), Named(1)}) == 2


def test_a_class_says_where_its_defaults_stand() -> None:
    with pytest.raises(KeyError):

        class Unsorted(Record):
            __slots__ = ()

            x: int = 0
            y: int  # type: ignore[misc]
