"""The modules of `flowlang check` in one file: read at once instead of found, opened and read one by one, which costs
7 ms of a process' 40.

Python keeps a module's byte code in `__pycache__`; here that of all the modules that checks have imported stands in one
file of the package's own `__pycache__`, each with the size and time of its source, like Python's, and with the modules
that it imports when it is imported itself. Those are then made here, one after the other, for Python's import system
costs more than most modules do. What every check needs stands in one piece, so that names that its modules
share are read once. A module that is not in the file, or whose source has changed, is imported as ever, and the file
is written anew when the check is done. Beside the modules stands the data that every check unpacks, as `marshal` reads
it: in a third of the time of JSON. A file that is absent, corrupt or refused costs time only. Nothing outside the
package is ever read.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _imp import source_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, ModuleType
    from typing import Any, Final

_PACKAGE: Final = os.path.dirname(os.path.abspath(__file__))
_FILE: Final = os.path.join(
    _PACKAGE, "__pycache__", f"check.{sys.implementation.cache_tag}-{sys.flags.optimize}.modules"
)
_KEY: Final = int.from_bytes(b"modules4", "little")
_MARK: Final = 8
"""Bytes of the mark that shows damage; it stands at the beginning."""
_CORE: Final = "flowlang.compiler.pipeline"
"""What every check imports, with all that it imports itself."""
_SIZE: Final = 4
"""Bytes of the size of the index, which stands next."""


class Modules:
    """Finds and loads what stands in the file: `places` is name → (path in the package, size, time, is a package,
    what it imports, first and last byte); those of the core share theirs, from 0 on. `data` is mark → first and last
    byte, `used` what of it this process has asked for or added.
    """

    __slots__ = ("content", "core", "data", "missed", "places", "used")

    def __init__(
        self, content: memoryview, places: dict[str, tuple[Any, ...]], data: dict[str, tuple[int, int]]
    ) -> None:
        self.content = content
        self.places = places
        self.data = data
        self.used: dict[str, bytes | memoryview] = {}
        self.missed = False
        self.core: dict[str, CodeType] = {}

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
        """Run a module's code in it, behind what it imports."""
        name = module.__name__
        for each in self.places[name][4]:
            if each not in sys.modules:
                self.load(each)
        exec(self.get_code(name), module.__dict__)

    def load(self, name: str) -> None:
        """Import a module that is not there yet, without Python's import system if it stands in the file."""
        parent, _, last = name.rpartition(".")
        if parent not in sys.modules:
            __import__(parent)
        if name in sys.modules:
            return
        spec = self.find_spec(name)
        if spec is None:
            __import__(name)
            return
        module = _new_module(spec)
        sys.modules[name] = module
        try:
            self.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        setattr(sys.modules[parent], last, module)

    def get_code(self, name: str) -> CodeType:
        """A module's code."""
        *_, first, last = self.places[name]
        if first == 0:
            self.core = self.core or marshal.loads(self.content[:last])
            return self.core[name]
        code: CodeType = marshal.loads(self.content[first:last])
        return code


def recall(mark: str) -> Any:
    """The data that was kept under a mark; None where there is none."""
    modules = _installed()
    if modules is None or mark not in modules.data:
        return None
    first, last = modules.data[mark]
    modules.used[mark] = modules.content[first:last]
    return marshal.loads(modules.used[mark])


def remember(mark: str, data: Any) -> None:
    """Keep plain data for the checks to come; what a check does not ask for is forgotten."""
    modules = _installed()
    if modules is not None:
        modules.used[mark] = marshal.dumps(data)
        modules.missed = True


def load(name: str) -> ModuleType:
    """Import one of our modules, as fast as can be."""
    if name not in sys.modules:
        modules = _installed()
        if modules is None:
            __import__(name)
        else:
            modules.load(name)
    return sys.modules[name]


def install() -> None:
    """Import from the file from now on."""
    sys.meta_path.insert(0, _read())


def keep() -> None:
    """Write what has been imported, if some of it did not stand in the file."""
    modules = _installed()
    if modules is not None and modules.missed and not sys.dont_write_bytecode:
        _write(modules)


def _installed() -> Modules | None:
    return next((each for each in sys.meta_path if isinstance(each, Modules)), None)


def _new_module(spec: ModuleSpec) -> ModuleType:
    """An empty module, with what Python's import system gives one."""
    module = type(sys)(spec.name)
    module.__spec__, module.__loader__, module.__file__ = spec, spec.loader, spec.origin
    module.__package__ = spec.parent
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
    return module


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
        return Modules(body, {}, {})
    end = _SIZE + int.from_bytes(body[:_SIZE], "little")
    places, data = marshal.loads(body[_SIZE:end])
    return Modules(body[end:], places, data)


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
    codes: dict[str, CodeType] = {}
    names = {*modules.places, *(each for each in sys.modules if each.startswith("flowlang."))}
    for name in sorted(names):
        found = _entry(modules, name, names)
        if found is not None:
            places[name], codes[name] = found
    core = [name for name in _with_imports(_CORE, places) if name in codes]
    parts: list[bytes | memoryview] = [marshal.dumps({name: codes.pop(name) for name in core})]
    end = len(parts[0])
    places.update((name, (*places[name], 0, end)) for name in core)
    for name, code in codes.items():
        parts.append(marshal.dumps(code))
        places[name] = (*places[name], end, end + len(parts[-1]))
        end += len(parts[-1])
    data: dict[str, tuple[int, int]] = {}
    for mark, packed in modules.used.items():
        parts.append(packed)
        data[mark] = (end, end + len(packed))
        end += len(packed)
    index = marshal.dumps((places, data))
    body = b"".join((len(index).to_bytes(_SIZE, "little"), index, *parts))
    return source_hash(_KEY, body) + body


def _with_imports(root: str, places: dict[str, tuple[Any, ...]]) -> list[str]:
    """A module with all that it imports, directly or not."""
    found = [root]
    for name in found:  # which grows
        if name in places:
            found += [each for each in places[name][4] if each not in found]
    return found


def _entry(modules: Modules, name: str, names: set[str]) -> tuple[tuple[Any, ...], CodeType] | None:
    """What the file says of a module, with its code; None for one that does not come from a source file of ours."""
    place = modules.places.get(name)
    if place is not None and _is_same(place):
        return place[:5], modules.get_code(name)
    spec = getattr(sys.modules.get(name), "__spec__", None)
    if spec is None or not (spec.origin or "").startswith(_PACKAGE) or not spec.origin.endswith(".py"):
        return None
    try:
        found = os.stat(spec.origin)
        code = spec.loader.get_code(name)
    except (OSError, ImportError, SyntaxError):
        return None
    is_package = spec.submodule_search_locations is not None
    # What stands in a package is imported when the package says so: it sets a name there that the package may set too.
    imports = tuple(
        [each for each in dict.fromkeys(_imports(code)) if each in names and not each.startswith(f"{name}.")]
    )
    place = (spec.origin.removeprefix(_PACKAGE), found.st_size, found.st_mtime_ns, is_package, imports)
    return place, code


def _imports(code: CodeType) -> Iterator[str]:
    """What may be a module that a module imports when it is imported itself: not what only types need."""
    import dis

    wanted, is_for_types, behind = "", False, 0
    for each in dis.get_instructions(code):
        if each.opname == "LOAD_NAME" and each.argval == "TYPE_CHECKING":
            is_for_types = True
        elif is_for_types and "JUMP" in each.opname:
            is_for_types, behind = False, each.argval
        elif each.opname == "IMPORT_NAME" and each.offset >= behind:
            wanted = each.argval
            yield wanted
        elif each.opname == "IMPORT_FROM" and each.offset >= behind:
            yield f"{wanted}.{each.argval}"
