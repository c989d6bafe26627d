"""Generic declarations: type parameters bound by arguments, `T[k]` and `number[T]` worked out.

`function first[T](xs: list[T]) -> T?` called with a `list[Lead]` binds T to Lead. A type parameter bound by several
arguments is their join; one whose parameters were all left out is `never`. `T[k]` reads the literal text given for
parameter `k`: a (dotted) field, or a filter's name if `k` is declared `filter_name`; an omitted or none `k` leaves T
as it is.
"""

from __future__ import annotations

from flowlang.record import Record, new
from flowlang.types.assign import reveal
from flowlang.types.join import base, join, join_all, members, union
from flowlang.types.members import Refusal, attribute, is_nonempty
from flowlang.types.model import (
    ANY,
    NEVER,
    NONE,
    PLAIN,
    STRING,
    Any,
    Field,
    FieldName,
    FieldOf,
    FilterName,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    Never,
    NoneType,
    NumberOf,
    RecordOf,
    Secret,
    TestName,
    TypeVar,
    Union,
)
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowlang.types.model import Type

    # Name of a filter, type of its input → type of its result, or a sentence why there is none.
    FilterResult = Callable[[str, Type], Type | str]


class Instance(Record):
    """A generic signature filled in: what each parameter takes, what comes out, and problems as (parameter index,
    sentence).

    `parameters` hold no type variable any more: check each given argument against its own with `assignable`.
    """

    __slots__ = ()

    parameters: tuple[Type, ...]
    result: Type
    problems: tuple[tuple[int, str], ...]


class Given(Record):
    """One parameter of a call: its declared type, the argument's type (null: left out), and its text if it is a
    literal.
    """

    __slots__ = ()

    name: str
    declared: Type
    argument: Type | None
    text: str | None = None


def is_generic(of: Type) -> bool:
    """Whether a type holds a type parameter or another word of declarations only."""
    if type(of) in PLAIN:
        return False
    match of:
        case TypeVar() | FieldOf() | NumberOf() | FieldName() | FilterName() | TestName():
            return True
        case Secret():
            return is_generic(of.inner)
        case List():
            return is_generic(of.item)
        case Map():
            return is_generic(of.value)
        case RecordOf():
            return any(is_generic(f.type) for f in of.fields)
        case Union():
            return any(is_generic(m) for m in of.members)
        case _:
            return False


def instantiate(
    given: Sequence[Given], result: Type, *, none_if_empty: bool = False, filter_result: FilterResult | None = None
) -> Instance:
    """Bind type parameters by the arguments and work out the result.

    `none_if_empty`: the declaration says that its result is none only if its first argument is empty.
    """
    bindings: dict[str, Type] = {}
    for each in given:
        if each.argument is not None:
            unify(each.declared, each.argument, bindings)
    work = _Substitution(given, bindings, filter_result)
    parameters = tuple(work.parameter(index, each) for index, each in enumerate(given))
    found = work.apply(result)
    if none_if_empty and given and given[0].argument is not None and is_nonempty(given[0].argument):
        found = union(m for m in members(found) if not isinstance(m, NoneType))
    return Instance(parameters, found, tuple(work.problems.items()))


def unify(declared: Type, argument: Type, bindings: dict[str, Type]) -> None:
    """Bind the type parameters in `declared` by the parts of an argument; parts that do not fit are left to
    `assignable`.
    """
    match declared:
        case TypeVar():
            bindings[declared.name] = join(bindings.get(declared.name, NEVER), argument)
        case Union():
            _unify_union(declared, argument, bindings)
        case Secret():
            unify(declared.inner, reveal(argument), bindings)
        case List() | Map() | RecordOf() | FieldOf() | NumberOf():
            for member in members(argument):
                _unify_one(declared, member, bindings)
        case _:
            pass


def _unify_union(declared: Union, argument: Type, bindings: dict[str, Type]) -> None:
    """Give each member of an argument to the declared members of its shape, what is left to the bare type
    parameters.
    """
    variables = [m for m in declared.members if isinstance(m, TypeVar)]
    shapes = [m for m in declared.members if not isinstance(m, TypeVar)]
    rest: list[Type] = []
    for member in members(argument):
        fitting = [
            s for s in shapes if type(s) is type(member) or (isinstance(s, Map) and isinstance(member, RecordOf))
        ]
        for shape in fitting:
            unify(shape, member, bindings)
        if isinstance(member, Any):
            for shape in shapes:
                unify(shape, member, bindings)
        if not fitting:
            rest.append(member)
    for variable in variables:
        unify(variable, union(rest), bindings)


def _unify_one(declared: Type, argument: Type, bindings: dict[str, Type]) -> None:
    if isinstance(argument, Any):
        for name in variables_of(declared):
            bindings[name] = join(bindings.get(name, NEVER), ANY)
        return
    match declared, argument:
        case List(), List():
            unify(declared.item, argument.item, bindings)
        case Map(), Map():
            unify(declared.value, argument.value, bindings)
        case Map(), RecordOf():
            unify(declared.value, join_all(f.type for f in argument.fields), bindings)
        case RecordOf(), RecordOf():
            have = {f.name: f.type for f in argument.fields}
            for field in declared.fields:
                unify(field.type, have.get(field.name, NONE), bindings)
        case ((FieldOf() | NumberOf()), _):
            unify(declared.record if isinstance(declared, FieldOf) else declared.inner, argument, bindings)
        case _:
            pass


def variables_of(of: Type) -> set[str]:
    """The names of the type parameters in a type."""
    if type(of) in PLAIN:
        return set()
    match of:
        case TypeVar():
            return {of.name}
        case FieldOf() | FieldName():
            return variables_of(of.record)
        case NumberOf() | Secret():
            return variables_of(of.inner)
        case List():
            return variables_of(of.item)
        case Map():
            return variables_of(of.value)
        case RecordOf():
            return set().union(*(variables_of(f.type) for f in of.fields))
        case Union():
            return set().union(*(variables_of(m) for m in of.members))
        case _:
            return set()


def carries(result: Type, declared: Type, argument: Type) -> bool:
    """Whether what a function gives tells by its type which secrets of an argument are in it: they stand where a type
    parameter does, and that is part of the result.
    """
    is_number = any(isinstance(m, NumberOf) for m in members(result))
    return not is_number and variables_of(declared) <= variables_of(result) and _is_bound(declared, argument)


def _is_bound(declared: Type, argument: Type) -> bool:
    """Whether all secrets of an argument stand where a type parameter does."""
    match declared, argument:
        case Union(), _:
            return all(any(_is_bound(each, one) for each in declared.members) for one in members(argument))
        case _, Union():
            return all(_is_bound(declared, one) for one in argument.members)
        case TypeVar(), _:
            return True
        case List(), List():
            return _is_bound(declared.item, argument.item)
        case Map(), Map():
            return _is_bound(declared.value, argument.value)
        case Map(), RecordOf():
            return all(_is_bound(declared.value, field.type) for field in argument.fields)
        case _:
            return reveal(argument) is argument


class _Substitution:
    """Puts bindings into types, collecting one problem per parameter."""

    def __init__(self, given: Sequence[Given], bindings: dict[str, Type], filter_result: FilterResult | None) -> None:
        self.given = given
        self.bindings = bindings
        self.filter_result = filter_result
        self.problems: dict[int, str] = {}

    def parameter(self, index: int, given: Given) -> Type:
        """What a parameter takes; a field's name must be the name of one."""
        if type(given.declared) in PLAIN:
            return given.declared
        named = next((m for m in members(given.declared) if isinstance(m, FieldName)), None)
        if named is not None and given.argument is not None and not isinstance(given.argument, (NoneType, Never)):
            if given.text is None:
                self.problems.setdefault(index, f"`{given.name}` must be literal text")
            else:
                record = self.apply(named.record)
                found = [attribute(record, path.strip()) for path in given.text.split(",")]
                refused = next((f for f in found if isinstance(f, Refusal)), None)
                if refused is not None:
                    self.problems.setdefault(index, refused.reason)
        return self.apply(given.declared)

    def apply(self, of: Type) -> Type:
        if type(of) in PLAIN:
            return of
        match of:
            case TypeVar():
                bound = self.bindings.get(of.name)
                return self.unbound(of.name) if bound is None else bound
            case FieldOf():
                return self.field(of)
            case NumberOf():
                return self.number(self.apply(of.inner), of)
            case Secret():
                return of.replace(inner=self.apply(of.inner))
            case List():
                return new(List, (self.apply(of.item), of.min_length, of.max_length))
            case Map():
                return new(Map, (self.apply(of.value), of.min_length, of.max_length))
            case RecordOf():
                fields = tuple([new(Field, (f.name, self.apply(f.type), f.default)) for f in of.fields])
                return new(RecordOf, (of.name, fields, of.exact))
            case Union():
                return join_all(self.apply(m) for m in of.members)
            case FieldName() | FilterName() | TestName():
                return STRING
            case _:
                return of

    def unbound(self, name: str) -> Type:
        """What a type parameter is that nothing binds: a mistake of an argument that would have, if one is given."""
        is_mistaken = any(each.argument is not None and name in variables_of(each.declared) for each in self.given)
        return ANY if is_mistaken else NEVER

    def named(self, parameter: str) -> tuple[int, Given]:
        """What is given for a parameter, with its number."""
        return next((index, each) for index, each in enumerate(self.given) if each.name == parameter)

    def field(self, of: FieldOf) -> Type:
        record = self.apply(of.record)
        index, given = self.named(of.parameter)
        if given.argument is None or isinstance(given.argument, (NoneType, Never)):
            return record
        if given.text is None:
            self.problems.setdefault(index, f"`{of.parameter}` must be literal text")
            return ANY
        if any(isinstance(m, FilterName) for m in members(given.declared)):
            result = self.filter_result(given.text, record) if self.filter_result is not None else ANY
            if isinstance(result, str):
                self.problems.setdefault(index, result)
                return ANY
            return result
        found = attribute(record, given.text)
        if isinstance(found, Refusal):
            self.problems.setdefault(index, found.reason)
            return ANY
        return found.type

    def number(self, inner: Type, of: NumberOf) -> Type:
        wrong = [m for m in members(inner) if not _is_number(m)]
        if not wrong:
            return join_all(ANY if isinstance(m, Any) else base(m) for m in members(inner))
        index = self._source(of)
        what = "may be none" if isinstance(wrong[0], NoneType) else f"is {show(wrong[0])}"
        self.problems.setdefault(index, f"numbers are wanted, but this {what}")
        return ANY

    def _source(self, of: NumberOf) -> int:
        """The parameter to blame: the one whose text chose a field, else the first that binds the type parameter."""
        if isinstance(of.inner, FieldOf):
            index, given = self.named(of.inner.parameter)
            if given.argument is not None:
                return index
        names = variables_of(of)
        return next((i for i, g in enumerate(self.given) if names & variables_of(g.declared)), 0)


def _is_number(of: Type) -> bool:
    return isinstance(of, (Any, Never, Int, Float)) or (isinstance(of, LiteralOf) and of.kind in ("int", "float"))
