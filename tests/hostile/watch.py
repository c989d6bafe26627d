"""Runs the command line under an audit hook and writes what it touched; started as a script by the tests.

`python watch.py REPORT ARGUMENT…`: the hook is in place before anything of flowlang is imported.
"""

from __future__ import annotations

import json
import os
import sys

report, arguments = sys.argv[1], sys.argv[2:]
opened: list[str] = []
imported: list[str] = []
others: list[str] = []
listed: list[str] = []
WATCHED = (
    "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system", "os.startfile", "pty.", "socket.",
    "ctypes.", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate",
    "shutil.", "urllib.", "webbrowser.", "marshal.loads",
)  # fmt: skip


def hook(event: str, values: tuple[object, ...]) -> None:
    if event == "open" and isinstance(values[0], (str, bytes)):
        mode = values[1] if isinstance(values[1], str) else ""
        flags = values[2] if isinstance(values[2], int) else 0
        writes = any(letter in mode for letter in "wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        opened.append(("w " if writes else "r ") + os.path.realpath(os.fsdecode(values[0])))
    elif event in ("os.scandir", "os.listdir") and not isinstance(values[0], int):
        listed.append(os.path.realpath(os.fsdecode(values[0] or ".")))  # type: ignore[arg-type]
    elif event == "import" and isinstance(values[0], str):
        imported.append(values[0])
    elif event in ("exec", "compile"):
        code = values[0] if event == "exec" else None
        name = getattr(code, "co_filename", "") or (values[1] if event == "compile" else "")
        others.append(f"{event} {name!s}")
    elif event == "code.__new__":  # records make their `__new__` from that of one of them
        others.append(f"{event} {values[1]!s}")
    elif event.startswith(WATCHED):
        others.append(f"{event} {values!r}"[:200])


if hasattr(os, "sched_setaffinity"):
    # One core: the checker then does all in this process, where all that it does is seen.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
sys.addaudithook(hook)
sys.path.pop(0)  # this script's folder
try:
    from flowlang.cli import main

    code = main(arguments)
except SystemExit as stop:
    code = stop.code
modules = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
content = json.dumps(
    {"code": code, "opened": opened, "listed": listed, "imported": imported, "others": others, "modules": modules}
)
with open(report, "w", encoding="utf-8") as file:
    file.write(content)
