"""The modules of `flowlang check` in one file: read at once instead of found, opened and read one by one, which costs
7 ms of a process' 40.

Python keeps a module's byte code in `__pycache__`; here that of all the modules that checks have imported stands in one
file of the package's own `__pycache__`, each with the size and time of its source, like Python's. A module that is
not in the file, or whose source has changed, is imported as ever, and the file is written anew when the check is done.
A file that is absent, corrupt or refused costs time only. Nothing outside the package is ever read.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _imp import source_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, Final

_PACKAGE: Final = os.path.dirname(os.path.abspath(__file__))
_FILE: Final = os.path.join(
    _PACKAGE, "__pycache__", f"check.{sys.implementation.cache_tag}-{sys.flags.optimize}.modules"
)
_KEY: Final = int.from_bytes(b"modules1", "little")
_MARK: Final = 8
"""Bytes of the mark that shows damage; it stands at the beginning."""
_SIZE: Final = 4
"""Bytes of the size of the index, which stands next."""


class Modules:
    """Finds and loads what stands in the file: `places` is name → (path in the package, size, time, is a package,
    first and last byte).
    """

    __slots__ = ("content", "missed", "places")

    def __init__(self, content: memoryview, places: dict[str, tuple[Any, ...]]) -> None:
        self.content = content
        self.places = places
        self.missed = False

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module, if it is ours, stands in the file and has not changed."""
        if not name.startswith("flowlang."):
            return None
        place = self.places.get(name)
        if place is None or not _is_same(place):
            self.places.pop(name, None)
            self.missed = True
            return None
        origin = _PACKAGE + place[0]
        spec = ModuleSpec(name, self, origin=origin, is_package=place[3])  # type: ignore[arg-type]
        spec.has_location = True
        spec.cached = _FILE  # or Python works out where the byte code of each module might be
        if place[3]:
            spec.submodule_search_locations = [os.path.dirname(origin)]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code in it."""
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, name: str) -> CodeType:
        """A module's code."""
        *_, first, last = self.places[name]
        code: CodeType = marshal.loads(self.content[first:last])
        return code


def install() -> None:
    """Import from the file from now on."""
    sys.meta_path.insert(0, _read())


def keep() -> None:
    """Write what has been imported, if some of it did not stand in the file."""
    modules = next((each for each in sys.meta_path if isinstance(each, Modules)), None)
    if modules is not None and modules.missed and not sys.dont_write_bytecode:
        _write(modules)


def _is_same(place: tuple[Any, ...]) -> bool:
    try:
        found = os.stat(_PACKAGE + place[0])
    except OSError:
        return False
    return place[1:3] == (found.st_size, found.st_mtime_ns)


def _read() -> Modules:
    try:
        with open(_FILE, "rb", buffering=0) as file:
            content = memoryview(file.read())  # slices of it are not copied
    except OSError:
        content = memoryview(b"")
    body = content[_MARK:]
    if source_hash(_KEY, body) != content[:_MARK]:
        return Modules(body, {})
    end = _SIZE + int.from_bytes(body[:_SIZE], "little")
    places: dict[str, tuple[Any, ...]] = marshal.loads(body[_SIZE:end])
    return Modules(body[end:], places)


def _write(modules: Modules) -> None:
    temporary = f"{_FILE}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:  # first of all: where nothing can be written, nothing is gathered
            file.write(_content(modules))
        os.replace(temporary, _FILE)
    except OSError:
        return


def _content(modules: Modules) -> bytes:
    places: dict[str, tuple[Any, ...]] = {}
    codes: list[bytes] = []
    at = 0
    for name in sorted({*modules.places, *(each for each in sys.modules if each.startswith("flowlang."))}):
        found = _entry(modules, name)
        if found is not None:
            place, code = found
            places[name] = (*place, at, at + len(code))
            codes.append(code)
            at += len(code)
    index = marshal.dumps(places)
    body = b"".join((len(index).to_bytes(_SIZE, "little"), index, *codes))
    return source_hash(_KEY, body) + body


def _entry(modules: Modules, name: str) -> tuple[tuple[Any, ...], bytes] | None:
    """What the file says of a module, with its code; None for one that does not come from a source file of ours."""
    place = modules.places.get(name)
    if place is not None and _is_same(place):
        return place[:4], bytes(modules.content[place[4] : place[5]])
    spec = getattr(sys.modules.get(name), "__spec__", None)
    if spec is None or not (spec.origin or "").startswith(_PACKAGE) or not spec.origin.endswith(".py"):
        return None
    try:
        found = os.stat(spec.origin)
        code = spec.loader.get_code(name)
    except (OSError, ImportError, SyntaxError):
        return None
    is_package = spec.submodule_search_locations is not None
    return (spec.origin.removeprefix(_PACKAGE), found.st_size, found.st_mtime_ns, is_package), marshal.dumps(code)
