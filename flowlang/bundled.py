"""Where the data of flowlang is: `grammar/`, `stdlib/` and the tables made from them; and where caches may be written.

In a wheel, zipped or not, data stands in `flowlang/_bundled/` and is read through the package's loader; in a checkout
it stands in the folders beside the package. Nothing here imports `pathlib` or `importlib.resources`: `flowlang check`
pays for neither.
"""

from __future__ import annotations

import os
from _imp import source_hash
from _json import make_scanner  # the package `json` would load `re`, at 6 ms

from flowlang import modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def read(name: str) -> bytes | None:
    """Read a data file such as `grammar/flow.lark`; None where it does not exist."""
    for folder in (os.path.join(_PACKAGE, "_bundled"), os.path.dirname(_PACKAGE)):
        try:
            return _read(os.path.join(folder, *name.split("/")))
        except OSError:
            continue
    return None


def path(name: str) -> str | None:
    """Where a data file such as `stdlib/http.flow` is; None where it is in no folder."""
    for folder in (os.path.join(_PACKAGE, "_bundled"), os.path.dirname(_PACKAGE)):
        found = os.path.join(folder, *name.split("/"))
        if os.path.isfile(found):
            return found
    return None


def read_shipped(name: str) -> bytes | None:
    """Read a file that only a wheel carries; None in a checkout."""
    try:
        return _read(os.path.join(_PACKAGE, "_bundled", name))
    except OSError:
        return None


def state(names: Iterable[str]) -> str:
    """What changes whenever one of some of our files does, named like `grammar/flow.lark`: sizes and times, as for
    Python's own caches; in an archive the contents.
    """
    return digest(*(_state_of(name) for name in names))


def _state_of(name: str) -> bytes:
    found = path(name)
    if found is None:
        return read(name) or b""
    status = os.stat(found)
    return b"%b %d %d" % (os.fsencode(found), status.st_size, status.st_mtime_ns)


def folders() -> list[str]:
    """The folders that hold our modules and data."""
    beside = (os.path.join(os.path.dirname(_PACKAGE), name) for name in ("grammar", "stdlib"))
    return [_PACKAGE, *(folder for folder in beside if os.path.isdir(folder))]


def names(folder: str) -> list[str]:
    """The file names in a data folder such as `stdlib`, sorted."""
    for parent in (os.path.join(_PACKAGE, "_bundled"), os.path.dirname(_PACKAGE)):
        try:
            return sorted(os.listdir(os.path.join(parent, folder)))
        except OSError:
            continue
    return sorted(_names_in_archive(f"flowlang/_bundled/{folder}/"))


def cache_folder() -> str | None:
    """The user's cache folder for flowlang, which need not exist; None where there is no home."""
    parent = os.environ.get("XDG_CACHE_HOME")
    if not parent or not os.path.isabs(parent):
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        parent = os.path.join(home, ".cache")
    return os.path.join(parent, "flowlang")


def read_cache(name: str) -> bytes | None:
    """Read a file of the cache; None where it is absent or unreadable."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError:
        return None


def write_cache(name: str, content: bytes) -> None:
    """Write a file of the cache in one step: a reader sees all of it or nothing. A refusal is not an error."""
    folder = cache_folder()
    if folder is None:
        return
    temporary = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, os.path.join(folder, name))
    except OSError:
        _delete(temporary)


def digest(*parts: bytes) -> str:
    """The hash of some contents, to tell versions of our own files apart: SipHash, 128 bits.

    It is what Python names its own caches by; `hashlib` would load OpenSSL, at 5 ms.
    """
    whole = b"".join(b"%d:%b" % (len(part), part) for part in parts)
    halves: list[bytes] = [source_hash(key, whole) for key in (0x666C6F77, 0x6C616E67)]
    return b"".join(halves).hex()


def pack(data: dict[str, Any], key: str) -> bytes:
    """Write data as JSON beneath its key and a mark that shows damage."""
    import json

    return seal(json.dumps(data, separators=(",", ":")).encode(), key)


def unpack(
    stored: bytes, key: str | None, made: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> dict[str, Any] | None:
    """Give back what is made of packed data; None if it is not what was written, or not under this key. Checks read and
    make it once.
    """
    mark = stored[: stored.find(b"\n")].decode(errors="replace")
    data: dict[str, Any] | None = modules.recall(mark) if key is None or mark.startswith(f"{key} ") else None
    if data is None:
        body = unseal(stored, key)
        if body is not None:
            data = made(read_json(body.decode(), 0))
            modules.remember(mark, data)
    return data


def seal(body: bytes, key: str) -> bytes:
    """Put a content beneath its key and a mark that shows damage."""
    return f"{key} {digest(body)}\n".encode() + body


def unseal(stored: bytes, key: str | None) -> bytes | None:
    """Give a sealed content back; None if it is not what was written, or not under this key."""
    head, _, body = stored.partition(b"\n")
    marks = head.split(b" ")
    if len(marks) != 2 or digest(body).encode() != marks[1] or (key is not None and marks[0] != key.encode()):
        return None
    return body


def read_json(text: str, at: int) -> Any:
    """Read the JSON value that begins at a place of a text of ours."""
    return _scan(text, at)[0]


class _Json:
    """How JSON is read: as the package does by default."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float


_scan = make_scanner(_Json)  # type: ignore[arg-type]


def _delete(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _read(path: str) -> bytes:
    get_data = getattr(globals().get("__loader__"), "get_data", None)
    if get_data is not None:
        content: bytes = get_data(path)
        return content
    with open(path, "rb") as file:
        return file.read()


def _names_in_archive(prefix: str) -> Iterator[str]:
    """The files below a folder of the zip archive that this module was imported from."""
    archive = getattr(globals().get("__loader__"), "_files", None)
    for name in archive or ():
        inside = name.replace(os.sep, "/")
        if inside.startswith(prefix) and len(inside) > len(prefix):
            yield inside[len(prefix) :]
