"""The committed tree-sitter parser, compiled here and loaded by tree-sitter's own package."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import tree_sitter

FOLDER = Path(__file__).resolve().parents[2] / "editors" / "tree-sitter-flow"


def compiler() -> str | None:
    """The C compiler of this machine."""
    return shutil.which(os.environ.get("CC", "cc"))


def language(folder: Path) -> tree_sitter.Language:
    """Compile the parser into a folder and load it; a warning of the scanner's is an error."""
    made = folder / "flow.so"
    source = FOLDER / "src"
    command = [compiler() or "cc", "-shared", "-fPIC", "-O1", "-std=c11", f"-I{source}"]
    strict = ["-Wall", "-Wextra", "-Werror", "-c", str(source / "scanner.c"), "-o", str(folder / "scanner.o")]
    subprocess.run([*command, *strict], check=True)
    subprocess.run([*command, str(source / "parser.c"), str(folder / "scanner.o"), "-o", str(made)], check=True)
    entry = ctypes.CDLL(str(made)).tree_sitter_flow
    entry.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return tree_sitter.Language(capsule(entry(), b"tree_sitter.Language", None))
