"""Evaluation of a plan's expressions: what generated code calls, and the plan's constants, functions and types made
ready on first use.

Nothing is compiled before it is needed, so a big plan starts fast. An evaluation never suspends: a user's pure python
function runs where it is called (what is slow or waits is an action).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from flowlang.plan.nodes import Plan
from flowlang.runtime.budget import Budget
from flowlang.runtime.codegen import Names, generate
from flowlang.runtime.errors import RunError, failed, fault, validation, words_of
from flowlang.runtime.functions.naming import APPLYING
from flowlang.runtime.functions.prices import ITEMS, LOOKS
from flowlang.runtime.masking import Mask, holds_secret
from flowlang.runtime.show import Show, shower
from flowlang.types import edge
from flowlang.types.check import Checker, Problem, as_problems, checker
from flowlang.types.check_scalars import Problems
from flowlang.types.codec import from_json
from flowlang.types.searches import of_match

if TYPE_CHECKING:
    from flowlang.plan.nodes import Expr
    from flowlang.types.model import Type

Native = Callable[..., Any]
Evaluate = Callable[..., Any]


class RunState(Protocol):
    """What an evaluation needs of a run."""

    config: Mapping[str, object]
    constants: dict[str, Any]
    mask: Mask

    def find_python(self, target: str) -> Callable[..., Any]: ...


class Evaluator:
    """One plan, ready to evaluate; shared by its runs in a process."""

    def __init__(self, plan: Plan, natives: Mapping[str, Native]) -> None:
        self.plan = plan
        self.budget = Budget(plan.limits)
        self._natives = natives
        self._wrapped: dict[str, Native] = {}
        self._functions: dict[str, Evaluate] = {}
        self._constants: dict[str, Evaluate] = {}
        self._types: dict[int, Type] = {}

    def compile(self, expr: Expr, names: Names, *, nested: bool = False) -> Evaluate:
        """Compile an expression that stands where `names` are seen: a function of a frame and, for projections, the
        result.
        """
        return generate(expr, names, self, nested=nested)

    def type(self, index: int) -> Type:
        """A type of the plan."""
        found = self._types.get(index)
        if found is None:
            found = self._types[index] = from_json(self.plan.types[index])
        return found

    def checker(self, index: int) -> Checker:
        """The checker of a type of the plan."""
        return checker(self.type(index))

    # ---- what generated code calls

    def shower(self, of: int) -> Show:
        return self._weighed(shower(self.type(of)))

    def _weighed(self, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A function that goes through a whole value, charged for it."""
        weigh = self.budget.weigh

        def weighed(value: Any) -> Any:
            if value.__class__ is list or value.__class__ is dict:
                weigh(value)
            return act(value)

        return weighed

    def conform(self, of: int, label: str) -> Callable[[Any], Any]:
        """The function that checks and projects a value, or fails as `validation`."""
        return self._weighed(accepting(self.checker(of), label))

    def edge(self, of: int) -> Callable[[Any], Any] | None:
        type_ = self.type(of)
        return self._weighed(edge.encoder(type_)) if edge.needs_edge(type_) else None

    def native(self, name: str) -> Native:
        wrapped = self._wrapped.get(name)
        if wrapped is None:
            function = self._natives[name]
            if name in APPLYING:
                function = partial(function, find=self.native)
            wrapped = self._wrapped[name] = self._wrap(name, function)
        return wrapped

    def _wrap(self, name: str, function: Native) -> Native:
        budget, looks, per_item = self.budget, LOOKS.get(name, 1), ITEMS.get(name, 1)

        def call(*arguments: Any) -> Any:
            before = budget.left
            if looks:
                for argument in arguments:
                    budget.weigh(argument)
                if looks > 1:
                    budget.charge((before - budget.left) * (looks - 1))
            else:
                budget.charge(1)
            if name == "matches":
                budget.charge(of_match(*arguments))
            try:
                return budget.made(function(*arguments), per_item)
            except (TypeError, ValueError, ArithmeticError, LookupError) as error:
                raise fault(f"{name}: {error}") from error

        return call

    def function(self, name: str) -> Evaluate:
        found = self._functions.get(name)
        if found is None:
            declared = self.plan.functions[name]
            found = self._functions[name] = generate(declared.body, None, self, declared.parameters, nested=True)
        return found

    def python(self, target: str, of: int) -> Callable[[RunState, Mapping[str, Any]], Any]:
        conform = self.conform(of, f"the result of {target}")
        is_secret = holds_secret(self.type(of))

        def call(run: RunState, arguments: Mapping[str, Any]) -> Any:
            function = run.find_python(target)
            try:
                result = function(**arguments)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                raise python_failure(target, error) from error
            return conform(result if is_secret else run.mask.value(result))

        return call

    def constant(self, run: RunState, name: str) -> Any:
        if name not in run.constants:
            evaluate = self._constants.get(name)
            if evaluate is None:
                evaluate = self._constants[name] = generate(self.plan.constants[name], None, self, nested=True)
            run.constants[name] = self.budget.bound(evaluate(_OfRun(run)))
        return run.constants[name]

    def let(self, frame: Any, name: str) -> Any:
        """Evaluate a let of a frame for its first user; a fault is each user's own."""
        value = frame.values[name] = self.budget.bound(frame.program.let(name)(frame))
        return value


class _OfRun:
    """The frame of a constant: no names, only the run."""

    __slots__ = ("run", "values")

    def __init__(self, run: RunState) -> None:
        self.run = run
        self.values: dict[str, Any] = {}


def accepted(checker: Checker, value: Any, label: str) -> Any:
    """A value, checked and projected; `label` is its name in the error of one that is not of its type."""
    result, problems = checker.check(value)
    if problems:
        raise mismatch(problems, label)
    return result


def accepting(checker: Checker, label: str) -> Callable[[Any], Any]:
    """The function that does so."""
    judge = checker.judge

    def accept(value: Any) -> Any:
        problems: Problems = []
        result = judge(value, problems)
        if problems:
            raise mismatch(as_problems(problems), label)
        return result

    return accept


def mismatch(problems: list[Problem], label: str) -> RunError:
    """The `validation` error of a value that is not of its type, all problems named."""
    parts = []
    for problem in problems:
        path = (
            f"{label}{problem.path if problem.path.startswith('[') else '.' + problem.path}" if problem.path else label
        )
        parts.append(f"{path}: {problem.message}")
    return validation("; ".join(parts), details={"problems": [[p.path, p.message] for p in problems]})


def python_failure(target: str, error: BaseException) -> RunError:
    """The error of a Python function or action that raised."""
    text = words_of(error) or "no message"
    return failed(f"{target} raised {type(error).__name__}: {text[:500]}", code=type(error).__name__)
