"""The modules of `flowlang check` in one file: read at once instead of found, opened and read one by one, which costs
7 ms of a process' 40.

Python keeps a module's byte code in `__pycache__`; here that of all the modules that checks have imported stands in one
file of the package's own `__pycache__`, each with the size and time of its source, like Python's, and with the modules
that it imports when it is imported itself. Those are then made here, one after the other, for Python's import system
costs more than most modules do. What every check needs stands in one piece at the front, so that names that its modules
share are read once; all else is read when it is asked for. A module that is not in the file, or whose source has
changed, is imported as ever, and the file is written anew when the check is done. Beside the modules stands the data
that every check unpacks, as `marshal` reads it: in a third of the time of JSON. A file that is absent, corrupt or
refused costs time only. Nothing outside the package is ever read.
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
_KEY: Final = int.from_bytes(b"modules5", "little")
_MARK: Final = 8
"""Bytes of a mark that shows damage; that of the front stands at the beginning."""
_SIZE: Final = 3
"""Bytes of a size; those of the index and of the core stand next, then these two: the front."""
_ROOTS: Final = ("flowlang.cli.commands.check", "flowlang.cli.checking", "flowlang.compiler.pipeline")
"""What every check imports, with all that it imports itself: the core."""


class Modules:
    """Finds and loads what stands in the file: `places` is name → (path in the package, size, time, is a package,
    what it imports, first and last byte behind the front, mark), without bytes for those of the core. `data` is name →
    first and last byte, mark; `used` what of it this process has asked for or added.
    """

    __slots__ = ("_behind", "_codes", "_core", "_file", "data", "missed", "places", "used")

    def __init__(
        self,
        file: int = -1,
        behind: int = 0,
        core: memoryview | None = None,
        places: dict[str, tuple[Any, ...]] | None = None,
        data: dict[str, tuple[int, int, bytes]] | None = None,
    ) -> None:
        self._file = file
        self._behind = behind  # the front
        self._core = core
        self._codes: dict[str, CodeType] = {}
        self.places = places or {}
        self.data = data or {}
        self.used: dict[str, bytes] = {}
        self.missed = False

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module, if it is ours, stands in the file and has not changed."""
        if not name.startswith("flowlang."):
            return None
        place = self.places.get(name)
        if place is None or not _is_same(place) or self.get_code(name) is None:
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
        _, _, _, is_package, imports, *_ = self.places[name]
        for each in imports:
            # What stands in a package is imported when the package says so: it may set a name that the package sets.
            if each not in sys.modules and not (is_package and each.startswith(f"{name}.")):
                self.load(each)
        exec(self._codes[name], module.__dict__)

    def load(self, name: str) -> None:
        """Import a module that is not there yet, without Python's import system if it stands in the file."""
        parent, _, last = name.rpartition(".")
        if parent not in sys.modules:
            self.load(parent)
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

    def get_code(self, name: str) -> CodeType | None:
        """A module's code; None if it is damaged."""
        if name not in self._codes:
            *_, first, last, mark = self.places[name]
            if last:
                part = self.find_part(first, last, mark)
                if part is None:
                    return None
                self._codes[name] = marshal.loads(part)
            elif self._core is not None:
                self._codes.update(marshal.loads(self._core))
                self._core = None
        return self._codes[name]

    def find_part(self, first: int, last: int, mark: bytes) -> bytes | None:
        """What stands in a place of the file; None if it is damaged."""
        try:
            part = os.pread(self._file, last - first, self._behind + first)
        except OSError:
            return None
        return part if source_hash(_KEY, part) == mark else None


_installed: Modules | None = None


def recall(name: str) -> Any:
    """The data that was kept under a name; None where there is none."""
    modules = _installed
    if modules is None or name not in modules.data:
        return None
    part = modules.find_part(*modules.data[name])
    if part is None:
        return None
    modules.used[name] = part
    return marshal.loads(part)


def remember(name: str, data: Any) -> None:
    """Keep plain data for the checks to come; what a check does not ask for is forgotten."""
    if _installed is not None:
        _installed.used[name] = marshal.dumps(data)
        _installed.missed = True


def load(name: str) -> ModuleType:
    """Import one of our modules, as fast as can be."""
    if name not in sys.modules:
        if _installed is None:
            __import__(name)
        else:
            _installed.load(name)
    return sys.modules[name]


def install() -> None:
    """Import from the file from now on."""
    global _installed
    _installed = _read()
    sys.meta_path.insert(0, _installed)


def keep() -> None:
    """Write what has been imported, if some of it did not stand in the file."""
    if _installed is not None and _installed.missed and not sys.dont_write_bytecode:
        _write(_installed)


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
        file = os.open(_FILE, os.O_RDONLY)  # and never closed
        head = os.read(file, _MARK + 2 * _SIZE)
        index, core = (int.from_bytes(head[at : at + _SIZE]) for at in (_MARK, _MARK + _SIZE))
        front = memoryview(os.read(file, index + core))  # slices of it are not copied
    except OSError:
        return Modules()
    if source_hash(_KEY, front) != head[:_MARK]:
        return Modules()
    places, data = marshal.loads(front[:index])
    return Modules(file, len(head) + len(front), front[index:], places, data)


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
    core = marshal.dumps({name: codes.pop(name) for name in _with_imports(places)})
    parts = {name: marshal.dumps(code) for name, code in codes.items()}
    index = _index(places, parts, modules.used)
    sizes = len(index).to_bytes(_SIZE) + len(core).to_bytes(_SIZE)
    return b"".join((source_hash(_KEY, index + core), sizes, index, core, *parts.values(), *modules.used.values()))


def _index(places: dict[str, tuple[Any, ...]], parts: dict[str, bytes], data: dict[str, bytes]) -> bytes:
    """What stands where behind the front: first the other modules, then the data."""
    end = 0
    found: dict[str, tuple[int, int, bytes]] = {}
    for name, part in (*parts.items(), *data.items()):
        found[name] = (end, end + len(part), source_hash(_KEY, part))
        end += len(part)
    of_modules = {name: (*place, *found.get(name, (0, 0, b""))) for name, place in places.items()}
    return marshal.dumps((of_modules, {name: found[name] for name in data}))


def _with_imports(places: dict[str, tuple[Any, ...]]) -> list[str]:
    """The roots with all that they import, directly or not."""
    found: list[str] = [each for each in _ROOTS if each in places]
    for name in found:  # which grows
        for each in (name.rpartition(".")[0], *places[name][4]):
            if each in places and each not in found:
                found.append(each)
    return found


def _entry(modules: Modules, name: str, names: set[str]) -> tuple[tuple[Any, ...], CodeType] | None:
    """What the file says of a module, with its code; None for one that does not come from a source file of ours."""
    place = modules.places.get(name)
    if place is not None and _is_same(place):
        code = modules.get_code(name)
        if code is not None:
            return place[:5], code
    spec = getattr(sys.modules.get(name), "__spec__", None)
    if (
        spec is None
        or spec.loader is modules
        or not (spec.origin or "").startswith(_PACKAGE)
        or not spec.origin.endswith(".py")
    ):
        return None
    try:
        found = os.stat(spec.origin)
        code = spec.loader.get_code(name)
    except (OSError, ImportError, SyntaxError):
        return None
    is_package = spec.submodule_search_locations is not None
    imports = tuple([each for each in dict.fromkeys(_imports(code)) if each in names and each != name])
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
