"""The standard library as the checker knows it: what `stdlib/*.flow` declares, read once, stored, decoded declaration
by declaration.

What is stored is an index and the declarations, each a JSON text that the index points to: a check uses a few of them.
It stands under the state of the library's text and of the modules that read it; it ships in the wheel as
`_bundled/stdlib.json`, else stands in the user's cache. A store that is absent, corrupt or refused costs time only: the
library is then read in memory. Nothing of the run column is ever imported.
"""

from __future__ import annotations

from flowlang import bundled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

    from flowlang.semantics.facts import Signature
    from flowlang.semantics.infer.engine import Shape
    from flowlang.types.model import RecordOf, Type

FORMAT: Final = 3
READERS: Final = tuple(
    f"flowlang/{name}.py"
    for name in """
    semantics/declarations semantics/facts semantics/library semantics/stored semantics/type_expressions
    syntax/ast types/model
    """.split()
)
"""What decides how a declaration is read and stored."""
HIDDEN: Final = frozenset(("prelude", "tests", "annotations", "triggers", "errors", "service"))
"""Modules that no file imports: their names are known everywhere."""
ERROR_TYPES: Final = {
    "network": "NetworkError",
    "timeout": "TimeoutError",
    "http": "HttpError",
    "validation": "ValidationError",
    "fault": "FaultError",
    "breaker_open": "BreakerOpenError",
    "rate_limited": "RateLimitedError",
    "cancelled": "CancelledError",
    "failed": "FailedError",
}


class Catalog:
    """What the library declares. `data[module][kind][name]` is where its JSON stands in `text`; what has been asked for
    is kept decoded. `shapes`: what was found out about its signatures, by their ids.
    """

    __slots__ = ("_decoded", "_own", "data", "shapes", "text")

    def __init__(self, data: dict[str, Any], text: str) -> None:
        self.data = data
        self.text = text
        self.shapes: dict[int, Shape] = {}
        self._decoded: dict[tuple[str, str, str], Any] = {}
        self._own: set[int] = set()

    def add(self, module: str, kind: str, name: str, value: Any) -> None:
        """Put in a declaration while the library is being read."""
        import json

        from flowlang.semantics.stored import to_json

        kinds = self.data.setdefault(module, {"call": {}, "type": {}, "annotation": {}, "trigger": {}})
        kinds[kind][name] = len(self.text)
        self.text += json.dumps(to_json(value), separators=(",", ":"))
        self._keep((module, kind, name), value)

    def _get(self, module: str, kind: str, name: str) -> Any:
        key = (module, kind, name)
        if key not in self._decoded:
            stored = self.data.get(module)
            at = stored[kind].get(name) if stored is not None else None
            if at is None:
                return None
            from flowlang.semantics.stored import from_json

            self._keep(key, from_json(bundled.read_json(self.text, at)))
        return self._decoded[key]

    def _keep(self, key: tuple[str, str, str], value: Any) -> None:
        self._decoded[key] = value
        self._own.add(id(value))

    def holds(self, signature: Signature) -> bool:
        """Whether a signature is one of the library's own, which stay."""
        return id(signature) in self._own

    def is_module(self, name: str) -> bool:
        """Whether `import name` names a module."""
        return name in self.data and name not in HIDDEN

    def modules(self) -> list[str]:
        """The names that `import` takes."""
        return [name for name in self.data if name not in HIDDEN]

    def member(self, module: str, name: str) -> Signature | None:
        """An action or function of a module."""
        found: Signature | None = self._get(module, "call", name)
        return found

    def members(self, module: str) -> Iterable[str]:
        """The names of a module's actions and functions."""
        return self.data[module]["call"] if module in self.data else ()

    def type(self, module: str, name: str) -> Type | None:
        """A type of a module."""
        found: Type | None = self._get(module, "type", name)
        return found

    def types(self, module: str) -> list[str]:
        """The names of a module's types."""
        return list(self.data[module]["type"]) if module in self.data else []

    def prelude(self, name: str) -> Signature | None:
        """What a name means everywhere without import."""
        return self.member("prelude", name)

    def test(self, name: str) -> Signature | None:
        """A test of the library by its name."""
        return self.member("tests", f"is_{name}")

    def tests(self) -> list[str]:
        """The names of the library's tests."""
        return [name.removeprefix("is_") for name in self.members("tests")]

    def operation(self, name: str) -> Signature | None:
        """An operation that every service offers."""
        return self.member("service", name)

    def settings(self) -> RecordOf:
        """The settings of a service."""
        found: RecordOf = self._get("service", "type", "Settings")
        return found

    def annotation(self, name: str) -> Signature | None:
        """A declared annotation."""
        found: Signature | None = self._get("annotations", "annotation", name)
        return found

    def annotations(self) -> Iterable[str]:
        """The names of annotations."""
        return self.data["annotations"]["annotation"]  # type: ignore[no-any-return]

    def trigger(self, name: str) -> Signature | None:
        """A declared trigger."""
        found: Signature | None = self._get("triggers", "trigger", name)
        return found

    def triggers(self) -> Iterable[str]:
        """The names of triggers."""
        return self.data["triggers"]["trigger"]  # type: ignore[no-any-return]

    def error(self, kind: str) -> Type:
        """What `err` is for an error kind."""
        found: Type = self._get("errors", "type", ERROR_TYPES[kind])
        return found


def load() -> Catalog:
    """Find the stored library or read it."""
    shipped = bundled.read_shipped("stdlib.json")
    catalog = None if shipped is None else _unpacked(shipped, None)
    if catalog is not None:
        return catalog
    key = _key()
    cached = bundled.read_cache(f"stdlib-{key}.json")
    catalog = None if cached is None else _unpacked(cached, key)
    if catalog is None:
        catalog = _read()
        bundled.write_cache(f"stdlib-{key}.json", _packed(catalog, key))
    return catalog


def build(folder: str) -> None:
    """Write the stored library into a folder: what a wheel carries as `flowlang/_bundled/`."""
    with open(f"{folder}/stdlib.json", "wb") as file:
        file.write(_packed(_read(), _key()))


def _packed(catalog: Catalog, key: str) -> bytes:
    return bundled.pack({"index": catalog.data, "text": catalog.text}, key)


def _unpacked(stored: bytes, key: str | None) -> Catalog | None:
    data = bundled.unpack(stored, key)
    return None if data is None else Catalog(data["index"], data["text"])


def _read() -> Catalog:
    from flowlang.semantics.library import read_library

    catalog = Catalog({}, "")
    read_library(catalog)
    return catalog


def _key() -> str:
    """What changes with all that the stored library depends on: its text and the modules that read it."""
    declared = [f"stdlib/{name}" for name in bundled.names("stdlib")]
    return f"{FORMAT}-{bundled.state([*declared, *READERS])}"
