"""The configurations in the editors themselves, where these are installed: colours, indentation, server, graph.

The server is a stand-in, so that what is tested is the configuration; Emacs starts the server itself too, and Neovim in
`test_neovim.py`. Where an editor is missing, its test is skipped; whoever changes a configuration runs it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.editors.installed import need_emacs, need_neovim, run
from tests.editors.words import EDITORS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]

FLOW = '''\
## About f.
flow f(a: int) -> any {
  let b = "x {{ a }} 😀" + BAD
  let w = """
    Dear "{{ a }}" # no
    """
  step c = http.get("/x")
    when not a
  return b
}
'''

LUA = """
local ok, problem = pcall(function()
  vim.cmd('edit a.flow')
  assert(vim.bo.filetype == 'flow', vim.bo.filetype)
  assert(vim.wait(5000, function() return #vim.diagnostic.get(0) == 1 end), 'no diagnostic')
  local text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  vim.cmd('normal! gg=G')
  assert(vim.deep_equal(text, vim.api.nvim_buf_get_lines(0, 0, -1, false)), 'indented otherwise')
  local function colour(line, column)
    return vim.fn.synIDattr(vim.fn.synID(line, column, 1), 'name')
  end
  print(colour(1, 1), colour(2, 1), colour(3, 13), colour(3, 17), colour(5, 20), colour(8, 5))
  local uri, client = vim.uri_from_bufnr(0), vim.lsp.get_clients()[1]
  vim.lsp.commands['flowlang.showGraph']({ arguments = { uri, 'f' } }, { client_id = client.id })
  assert(vim.wait(5000, function() return vim.bo.filetype == 'mermaid' end), 'no graph')
  print(vim.api.nvim_buf_get_lines(0, 0, 1, false)[1])
end)
if not ok then
  print(problem)
  vim.cmd('cq!')
end
vim.cmd('qa!')
"""

LISP = """
(add-to-list 'load-path "{emacs}")
(require 'flow-mode)
(require 'eglot)
(setq byte-compile-error-on-warn t
      byte-compile-dest-file-function (lambda (_) (expand-file-name "flow-mode.elc"))
      eglot-sync-connect 5)
(unless (byte-compile-file "{emacs}/flow-mode.el") (kill-emacs 1))
(find-file "a.flow")
(font-lock-ensure)
(let ((text (buffer-string)))
  (indent-region (point-min) (point-max))
  (message "indented alike: %s" (equal text (buffer-string))))
(set-buffer-modified-p nil)
(dolist (word '("About" "flow" "x {{" " a }}" "Dear" "# no" "when"))
  (goto-char (point-min))
  (search-forward word)
  (message "%s: %s" word (get-text-property (match-beginning 0) 'face)))
(apply #'eglot (eglot--guess-contact))
(accept-process-output nil 1)
(flymake-start)
(accept-process-output nil 1)
(message "found: %s" (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
(flow-show-graph)
(message "graph: %s" (with-current-buffer "*flow graph*" (buffer-string)))
"""

SOUND = """\
import http

## 😀 Reads a page.
flow f(name: string) -> any {
  step page = http.get("https://example.com/😀/{{ name }}")
  return page.status
}
"""

REAL = """
(add-to-list 'load-path "{emacs}")
(require 'flow-mode)
(require 'eglot)
(setq eglot-sync-connect 20 eglot-send-changes-idle-time 0)
(find-file "flows/a.flow")
(apply #'eglot (eglot--guess-contact))
(defun wait-for (count)
  (let ((tries 300))
    (while (and (> tries 0) (/= count (length (flymake-diagnostics))))
      (setq tries (1- tries))
      (accept-process-output nil 0.05)
      (flymake-start))))
(search-forward "/{{ name")
(insert "s")
(eglot--signal-textDocument/didChange)
(wait-for 1)
(message "found: %s" (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
(delete-char -1)
(eglot--signal-textDocument/didChange)
(wait-for 0)
(message "left: %s" (length (flymake-diagnostics)))
(flow-show-graph)
(message "graph: %s" (with-current-buffer "*flow graph*" (buffer-string)))
(set-buffer-modified-p nil)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a flow, and a program `flowlang` to be put on PATH."""
    (tmp_path / "a.flow").write_text(FLOW, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    shutil.copy(Path(__file__).with_name("stand_in.py"), tmp_path / "bin" / "flowlang")
    (tmp_path / "bin" / "flowlang").chmod(0o755)
    return tmp_path


def start(place: Path, *command: str) -> str:
    return run(place, *command, PATH=f"{place / 'bin'}:{os.environ['PATH']}")


def test_neovim(place: Path) -> None:
    program = need_neovim()
    (place / "drive.lua").write_text(LUA, encoding="utf-8")
    path = f"set runtimepath+={EDITORS / 'neovim'}"
    said = start(place, program, "--headless", "--clean", "--cmd", path, "-c", "luafile drive.lua")
    colours = "flowDocumentation flowDeclaration flowTemplate flowName flowLong flowClause"
    assert colours in said
    assert "graph TD" in said


def test_emacs(place: Path) -> None:
    need_emacs()
    (place / "drive.el").write_text(LISP.replace("{emacs}", str(EDITORS / "emacs")), encoding="utf-8")
    said = start(place, "emacs", "--batch", "-l", "drive.el").splitlines()
    faces = dict(line.split(": font-lock-") for line in said if ": font-lock-" in line)
    assert faces == {
        "About": "comment-face",
        "flow": "keyword-face",
        "x {{": "string-face",
        " a }}": "variable-name-face",
        "Dear": "string-face",
        "# no": "string-face",
        "when": "keyword-face",
    }
    assert "indented alike: t" in said
    assert any(line.startswith("found: (") and "bad thing" in line for line in said)
    assert "graph: graph TD" in said


def test_emacs_with_the_server(place: Path) -> None:
    """The configuration starts `flowlang lsp` of the nearest environment that has it."""
    need_emacs()
    (place / "flows" / ".venv").mkdir(parents=True)
    program = place / ".venv" / "bin" / "flowlang"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m flowlang "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (place / "flows" / "a.flow").write_text(SOUND, encoding="utf-8")
    (place / "drive.el").write_text(REAL.replace("{emacs}", str(EDITORS / "emacs")), encoding="utf-8")
    said = start(place, "emacs", "--batch", "-l", "drive.el")
    assert "nothing here is called `names`" in said
    assert "left: 0" in said.splitlines()
    assert re.search("graph: (graph|flowchart)", said), said
    assert "http.get" in said
