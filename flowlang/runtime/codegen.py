"""Expressions of a plan as Python functions: the one module that compiles code.

The generated code holds no text of the author's: every constant, name, key and helper comes in through the closure,
so the code of an expression depends on its structure alone and expressions of one structure share it. It is a list of
simple statements; the values it works on are JSON, and the only things it does with them are the operations of
`runtime.operations`, map keys and list indexes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from flowlang.plan.walk import subexpressions
from flowlang.runtime import operations, show
from flowlang.runtime.budget import Budget
from flowlang.runtime.faults import attribute_fault, index_value, iterate, map_key, path_of, spread

if TYPE_CHECKING:
    from flowlang.plan.nodes import Expr

_DEEPEST_BLOCK: Final = 40  # Python allows 100 levels of indentation
_ADDED: Final = 6  # texts of a template that are added without asking first how long they are together
_BUILTINS: Final = {error.__name__: error for error in (KeyError, TypeError, RecursionError)}
_factories: Final[dict[str, Callable[..., Callable[..., Any]]]] = {}


_COUNTERS: Final = {
    "index": "{i} + 1",
    "index0": "{i}",
    "revindex": "{n} - {i}",
    "revindex0": "{n} - {i} - 1",
    "length": "{n}",
    "first": "{i} == 0",
    "last": "{i} == {n} - 1",
}
"""What the keys of `loop` are for the item at place `i` of `n`."""


class Names(Protocol):
    """Where names are found: frames up from the one the expression is evaluated in."""

    def resolve(self, name: str) -> tuple[int, bool]:
        """How many frames up a name is, and whether it is a let."""
        ...


class Links(Protocol):
    """What generated code calls, beside operations: made ready by the evaluator."""

    budget: Budget

    def shower(self, of: int) -> Callable[[Any], str]: ...

    def conform(self, of: int, label: str) -> Callable[[Any], Any]: ...

    def edge(self, of: int) -> Callable[[Any], Any] | None: ...

    def native(self, name: str) -> Callable[..., Any]: ...

    def function(self, name: str) -> Callable[..., Any]: ...

    def python(self, target: str, of: int) -> Callable[..., Any]: ...

    def constant(self, run: Any, name: str) -> Any: ...

    def let(self, frame: Any, name: str) -> Any: ...


def generate(
    expr: Expr, names: Names | None, links: Links, parameters: tuple[str, ...] = (), nested: bool = False
) -> Callable[..., Any]:
    """Compile an expression to `function(frame, result, *parameters)`.

    `nested`: it goes on with the budget of the evaluation that needs it instead of starting its own.
    """
    emitter = _Emitter(names, links, {name: f"p{i}" for i, name in enumerate(parameters)})
    value = emitter.value(expr)
    return emitter.link("".join(f", p{i}" for i in range(len(parameters))), value, nested)


class _Emitter:
    """Statements in the making. Methods named after an operator return the Python name that holds its value."""

    def __init__(self, names: Names | None, links: Links, local: dict[str, str]) -> None:
        self.names = names
        self.links = links
        self.local = local
        self.lines: list[str] = []
        self.closure: list[object] = []
        self.closed: dict[object, str] = {}
        self.depth = 1
        self.temps = 0
        self.cost = 0
        self.frames: set[int] = set()
        self.functions: list[str] = []

    # ---- building blocks

    def line(self, text: str) -> None:
        self.lines.append(" " * self.depth + text)

    def temp(self) -> str:
        self.temps += 1
        return f"t{self.temps}"

    def keep(self, value: object) -> str:
        """Put a value into the closure; returns its name there. Texts and helpers are kept once."""
        shared = value if callable(value) or type(value) is str else id(value)
        name = self.closed.get(shared)
        if name is None:
            name = self.closed[shared] = f"k{len(self.closure)}"
            self.closure.append(value)
        return name

    def put(self, code: str) -> str:
        """Assign a new name; returns it."""
        name = self.temp()
        self.line(f"{name} = {code}")
        return name

    def values_of(self, depth: int) -> str:
        self.frames.add(depth)
        return f"v{depth}"

    def frame_of(self, depth: int) -> str:
        self.frames.add(depth)
        return f"f{depth}" if depth else "f"

    def value(self, expr: Expr) -> str:
        """Emit an expression."""
        self.cost += 1
        method: Callable[..., str] = getattr(self, f"_{expr[0]}")
        if self.depth > _DEEPEST_BLOCK:
            return self._apart(method, expr)
        return method(*expr[1:])

    def _apart(self, method: Callable[..., str], expr: Expr) -> str:
        """Emit an expression as a function of its own, called where it stands."""
        outer_lines, outer_depth, outer_frames = self.lines, self.depth, self.frames
        self.lines, self.depth, self.frames = [], 1, set()
        local = list(dict.fromkeys(self.local.values()))
        value = method(*expr[1:])
        name = f"s{len(self.functions)}"
        head = f"def {name}(f, r{''.join(f', {x}' for x in local)}):\n"
        self.functions.append(head + self._prelude() + "\n".join([*self.lines, f" return {value}"]) + "\n")
        self.lines, self.depth, self.frames = outer_lines, outer_depth, outer_frames
        return self.put(f"{name}(f, r{''.join(f', {x}' for x in local)})")

    def _prelude(self) -> str:
        names = [f"f{depth}" if depth else "f" for depth in range(max(self.frames, default=0) + 1)]
        lines = [f" {names[depth]} = {names[depth - 1]}.parent\n" for depth in range(1, len(names))]
        lines += [f" v{depth} = {names[depth]}.values\n" for depth in sorted(self.frames)]
        return "".join(lines)

    def link(self, parameters: str, value: str, nested: bool) -> Callable[..., Any]:
        """Compile what was emitted, once per structure, and bind the closure."""
        budget, cost = self.keep(self.links.budget), self.keep(self.cost)
        start = f" {budget}.left -= {cost}\n" if nested else f" {budget}.left = {budget}.units - {cost}\n"
        result = "r" if parameters else "r=None"
        body = self._prelude() + "\n".join([*self.lines, f" return {value}"]) + "\n"
        if nested:
            body = start + f" if {budget}.left < 0: raise {budget}.exhausted()\n" + body
        else:
            guarded = "".join(f" {line}\n" for line in body.splitlines())
            body = f"{start} try:\n{guarded} except RecursionError: raise {budget}.too_deep() from None\n"
        inner = "".join(self.functions) + f"def e(f, {result}{parameters}):\n{body}"
        names = ", ".join(f"k{i}" for i in range(len(self.closure)))
        source = f"def make({names}):\n" + "".join(f" {line}\n" for line in inner.splitlines()) + " return e\n"
        factory = _factories.get(source)
        if factory is None:
            namespace: dict[str, Any] = {"__builtins__": dict(_BUILTINS)}
            exec(compile(source, "<plan>", "exec"), namespace)
            if len(_factories) >= 10_000:
                _factories.clear()
            factory = _factories[source] = namespace["make"]
        return factory(*self.closure)

    # ---- names and constants

    def _lit(self, value: object) -> str:
        if value is None or value is True or value is False:
            return repr(value)
        return self.keep_scalar(value)

    _duration = _lit

    def keep_scalar(self, value: object) -> str:
        self.closure.append(value)
        return f"k{len(self.closure) - 1}"

    def _ref(self, name: str) -> str:
        if name in self.local:
            return self.local[name]
        if self.names is None:
            raise KeyError(name)
        depth, is_let = self.names.resolve(name)
        key = self.keep(name)
        if not is_let:
            return self.put(f"{self.values_of(depth)}[{key}]")
        values, frame = self.values_of(depth), self.frame_of(depth)
        return self.put(f"{values}[{key}] if {key} in {values} else {self.keep(self.links.let)}({frame}, {key})")

    def _result(self) -> str:
        return "r"

    def _config(self, name: str) -> str:
        return self.put(f"f.run.config[{self.keep(name)}]")

    def _const(self, name: str) -> str:
        return self.put(f"{self.keep(self.links.constant)}(f.run, {self.keep(name)})")

    # ---- access

    def _attr(self, of: Expr, key: str, optional: bool) -> str:
        return self._member(of, key, ("attr", of, key, optional))

    def _soft(self, of: Expr, key: str, optional: bool) -> str:
        return self._member(of, key, ("soft", of, key, optional))

    def _member(self, of: Expr, key: str, expr: tuple[object, ...]) -> str:
        value, name, result = self.value(of), self.keep(key), self.temp()
        self.line(f"try: {result} = {value}[{name}]")
        self.line(f"except (KeyError, TypeError): {result} = {self.keep(attribute_fault)}({value}, {self.keep(expr)})")
        return result

    def _has(self, of: Expr, key: Expr) -> str:
        value = self.value(of)
        return self.put(f"{self.keep(operations.has)}({value}, {self.value(key)})")

    def _index(self, of: Expr, key: Expr) -> str:
        value = self.value(of)
        return self.put(f"{self.keep(index_value)}({value}, {self.value(key)}, {self.keep(of)})")

    def _slice(self, of: Expr, *bounds: Expr | None) -> str:
        names = [self.value(of), *("None" if bound is None else self.value(bound) for bound in bounds)]
        return self.put(f"{self.keep(operations.slice_of)}({', '.join(names)}, {self.keep(self.links.budget)})")

    # ---- building values

    def _list(self, items: list[Expr]) -> str:
        return self.put(f"[{', '.join([self.value(item) for item in items])}]")

    def _map(self, entries: list[Any]) -> str:
        if all(key != "**" and key[0] == "lit" and type(key[1]) is str for key, _ in entries):
            pairs = [f"{self.keep(key[1])}: {self.value(value)}" for key, value in entries]
            return self.put("{" + ", ".join(pairs) + "}")
        result = self.put("{}")
        for key, value in entries:
            if key == "**":
                self.line(f"{self.keep(spread)}({result}, {self.value(value)}, {self.keep(self.links.budget)})")
            else:
                name = f"{self.keep(map_key)}({self.value(key)})"
                self.line(f"{result}[{name}] = {self.value(value)}")
        return result

    def _text(self, parts: list[Any]) -> str:
        shown = self._shown(parts)
        budget = self.keep(self.links.budget)
        if len(shown) > _ADDED:
            return self.put(f"{budget}.joined(({', '.join(shown)}))")
        return self.put(f"{budget}.made_text({' + '.join(shown) if shown else self.keep('')})")

    def _shown(self, parts: list[Any]) -> list[str]:
        """Emit the parts of a text; gives the Python names of what they are as text."""
        shown = []
        for part in parts:
            if type(part) is str:
                shown.append(self.keep(part))
                continue
            kind, of, type_ = part
            value = self.value(of)
            if kind == "html":
                shown.append(self.put(f"{self.keep(show.html)}({value}, {self.keep(self.links.shower(type_))})"))
            else:
                is_shown = _is_text(of)
                shown.append(value if is_shown else self.put(f"{self.keep(self.links.shower(type_))}({value})"))
        return shown

    def _url(self, parts: list[Any]) -> str:
        pieces, holes = [], []
        for index, part in enumerate(parts):
            if type(part) is str:
                pieces.append(self.keep(part))
                continue
            value = self.value(part[1])
            if part[0] == "base":
                helper = show.base_url if len(parts) > 1 else show.show
                pieces.append(self.put(f"{self.keep(helper)}({value})"))
                continue
            if part[0] == "segment":
                holes.append(index)
            write = self.keep(self.links.shower(part[2]))
            pieces.append(self.put(f"{self.keep(show.segment)}({value}, {write})"))
        whole = f"({', '.join(pieces)}{',' if pieces else ''})"
        return self.put(
            f"{self.keep(show.whole_url)}({whole}, {self.keep(tuple(holes))}, {self.keep(self.links.budget)})"
        )

    # ---- operators

    def _op(self, name: str, a: Expr, b: Expr) -> str:
        left, operation = self.value(a), self.keep(operations.OPERATIONS[name])
        return self.put(f"{operation}({left}, {self.value(b)}, {self.keep(self.links.budget)})")

    def _neg(self, kind: str, of: Expr) -> str:
        return self.put(f"{self.keep(operations.NEGATIONS[kind])}({self.value(of)})")

    def _not(self, of: Expr) -> str:
        return self.put(f"not {self.value(of)}")

    def _and(self, a: Expr, b: Expr) -> str:
        return self._short_circuit("if", a, b)

    def _or(self, a: Expr, b: Expr) -> str:
        return self._short_circuit("if not", a, b)

    def _short_circuit(self, word: str, a: Expr, b: Expr) -> str:
        result = self.put(self.value(a))
        self.line(f"{word} {result}:")
        self._assign(result, b)
        return result

    def _if(self, condition: Expr, then: Expr, otherwise: Expr) -> str:
        result, decided = self.temp(), self.value(condition)
        self.line(f"if {decided}:")
        self._assign(result, then)
        self.line("else:")
        self._assign(result, otherwise)
        return result

    def _assign(self, name: str, expr: Expr) -> None:
        """Emit an expression in an inner block and leave its value in a name."""
        self.depth += 1
        value = self.value(expr)
        self.line(f"{name} = {value}")
        self.depth -= 1

    def _compare(self, first: Expr, rest: list[Any]) -> str:
        left, result, start = self.value(first), self.temp(), self.depth
        for index, (name, operand) in enumerate(rest):
            if index:
                self.line(f"if {result}:")
                self.depth += 1
            right = self.value(operand)
            helper = self.keep(operations.comparison(name))
            self.line(f"{result} = {helper}({left}, {right}, {self.keep(self.links.budget)})")
            left = right
        self.depth = start
        return result

    # ---- loops and calls

    def _comp(self, element: Expr, names: list[str], iterable: Expr, condition: Expr | None, is_map: bool) -> str:
        result = self.put("[]")
        self._for(names, iterable, condition, lambda _: self.line(f"{result}.append({self.value(element)})"))
        return result

    def _for(self, names: list[str], iterable: Expr, condition: Expr | None, body: Callable[[list[str]], None]) -> None:
        """Emit a loop; `body` emits what is done with each item, given the Python names of what is bound."""
        budget, source, before = self.keep(self.links.budget), self.value(iterable), self.cost
        bound = [f"l{self.temps}_{i}" for i in range(len(names))]
        self.line(f"for {', '.join(bound)} in {self.keep(iterate)}({source}, {self.keep(len(names))}, {budget}):")
        outer, self.local = self.local, {**self.local, **dict(zip(names, bound, strict=True))}
        start = self.depth
        self.depth += 1
        head = len(self.lines)
        if condition is not None:
            self.line(f"if {self.value(condition)}:")
            self.depth += 1
        body(bound)
        self.depth = start
        price = self.keep_scalar(self.cost - before)
        pad = " " * (self.depth + 1)
        self.lines.insert(head, f"{pad}{budget}.left -= {price}")
        self.lines.insert(head + 1, f"{pad}if {budget}.left < 0: raise {budget}.exhausted()")
        self.local = outer

    def _each(
        self, names: list[str], iterable: Expr, condition: Expr | None, body: Expr, otherwise: Expr, counted: bool
    ) -> str:
        texts, size, budget = self.put("[]"), self.put("0"), self.keep(self.links.budget)

        def add(_: list[str]) -> None:
            self.cost += 1
            shown = self._shown(body[1]) if body[0] == "text" else [self.value(body)]  # type: ignore[arg-type]
            made = self.put(f"({', '.join(shown or [self.keep('')])},)")
            self.line(f"{size} = {budget}.grown({size}, {made})")
            self.line(f"{texts} += {made}")

        if counted:
            self._counted(names, iterable, condition, body, add)
        else:
            self._for(names, iterable, condition, add)
        result = self.put(f"{budget}.joined({texts})")
        self.line(f"if not {texts}:")
        self._assign(result, otherwise)
        return result

    def _counted(
        self, names: list[str], iterable: Expr, condition: Expr | None, of: Expr, body: Callable[[list[str]], None]
    ) -> None:
        """Emit a loop in which `loop` is a name: the items that pass are counted first."""
        items = self.put("[]")
        self._for(names, iterable, condition, lambda bound: self.line(f"{items}.append(({', '.join(bound)},))"))
        bound = [f"l{self.temps}_{i}" for i in range(len(names))]
        length, index, loop = self.put(f"{self.keep(len)}({items})"), self.temp(), self.temp()
        self.line(f"for {index}, ({', '.join(bound)},) in {self.keep(enumerate)}({items}):")
        outer = self.local
        self.local = {**self.local, **dict(zip(names, bound, strict=True)), "loop": loop}
        self.depth += 1
        before, head = self.cost, len(self.lines)
        counters = [f"{self.keep(key)}: {_COUNTERS[key].format(i=index, n=length)}" for key in _counters_used(of)]
        self.line(f"{loop} = {{{', '.join(counters)}}}")
        body(bound)
        price, budget, pad = self.keep_scalar(self.cost - before), self.keep(self.links.budget), " " * self.depth
        self.lines.insert(head, f"{pad}{budget}.left -= {price}")
        self.lines.insert(head + 1, f"{pad}if {budget}.left < 0: raise {budget}.exhausted()")
        self.depth -= 1
        self.local = outer

    def _let(self, name: str, value: Expr, body: Expr) -> str:
        outer, self.local = self.local, {**self.local, name: self.put(self.value(value))}
        result = self.value(body)
        self.local = outer
        return result

    def _call(self, name: str, arguments: list[Expr]) -> str:
        given = [self.value(argument) for argument in arguments]
        return self.put(f"{self.keep(self.links.native(name))}({', '.join(given)})")

    def _fn(self, name: str, arguments: list[Expr]) -> str:
        given = [self.value(argument) for argument in arguments]
        return self.put(f"{self.keep(self.links.function(name))}({', '.join(['f', 'None', *given])})")

    def _python(self, target: str, arguments: list[Any], of: int) -> str:
        given = [f"{self.keep(name)}: {self.value(argument)}" for name, argument in arguments]
        return self.put(f"{self.keep(self.links.python(target, of))}(f.run, {{{', '.join(given)}}})")

    # ---- types

    def _check(self, of: Expr, type_: int) -> str:
        return self.put(f"{self.keep(self.links.conform(type_, path_of(of)))}({self.value(of)})")

    def _edge(self, of: Expr, type_: int) -> str:
        encode = self.links.edge(type_)
        value = self.value(of)
        return value if encode is None else self.put(f"{self.keep(encode)}({value})")


def _is_text(expr: Expr) -> bool:
    """Whether an expression always gives a text, so that it need not be written as one."""
    match expr:
        case ["text" | "each", *_]:
            return True
        case ["lit", value]:
            return type(value) is str
        case ["let", _, _, body]:
            return _is_text(body)  # type: ignore[arg-type]
        case ["if", _, then, otherwise]:
            return _is_text(then) and _is_text(otherwise)  # type: ignore[arg-type]
    return False


def _counters_used(body: Expr) -> list[str]:
    """The keys of `loop` that are read in a loop; all of them if it is used as a whole."""
    uses = sum(each == ["ref", "loop"] for each in subexpressions(body))
    keys = [each[2] for each in subexpressions(body) if each[0] in ("attr", "soft") and each[1] == ["ref", "loop"]]
    return list(_COUNTERS) if uses > len(keys) else [key for key in _COUNTERS if key in keys]
