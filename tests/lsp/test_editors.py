"""Editors that we did not write, with the server itself: what a user sees of it.

Where an editor is not installed its test is skipped; where `.ci/run` installed it, that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.editors.installed import missing, need_emacs, run

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
TEXT = """\
flow f(amount: int) -> string {
  let b = "😀 {{ amount }} {{ amuont }}"
  let  ccc = '😀' ~ b
  return ccc
}
"""

LUA = """
local function say(text)
  io.stdout:write(text, '\\n')
end
local function check()
  vim.cmd('edit a.flow')
  local client = vim.lsp.start_client({ cmd = vim.fn.split(vim.env.FLOWLANG), root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, client)
  assert(vim.wait(15000, function() return #vim.diagnostic.get(0) == 1 end, 20), 'no diagnostic')
  local found = vim.diagnostic.get(0)[1]
  say(string.format('found %s at %d:%d', found.code, found.lnum, found.col))
  local function ask(method, params)
    local answers = vim.lsp.buf_request_sync(0, method, params, 15000)
    local answer = answers[client]
    assert(answer and not answer.err, method .. ' ' .. vim.inspect(answer))
    return answer.result
  end
  local document = { uri = vim.uri_from_bufnr(0) }
  -- The cursor of Neovim counts bytes: it stands on `b` behind the emoji.
  vim.api.nvim_win_set_cursor(0, { 3, 22 })
  local params = vim.lsp.util.make_position_params(0, 'utf-16')
  say('hover ' .. ask('textDocument/hover', params).contents.value:gsub('\\n', ' '))
  params.newName = 'whole'
  vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', params), 'utf-16')
  say('renamed ' .. vim.api.nvim_buf_get_lines(0, 2, 3, false)[1])
  local options = { tabSize = 2, insertSpaces = true }
  local edits = ask('textDocument/formatting', { textDocument = document, options = options })
  vim.lsp.util.apply_text_edits(edits, vim.api.nvim_get_current_buf(), 'utf-16')
  say('formatted ' .. vim.api.nvim_buf_get_lines(0, 2, 3, false)[1])
  local range = { start = { line = 1, character = 34 }, ['end'] = { line = 1, character = 34 } }
  local actions = ask('textDocument/codeAction', {
    textDocument = document, range = range, context = { diagnostics = {}, only = { 'quickfix' } },
  })
  say('first of the fixes: ' .. actions[1].title)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
  say('fixed ' .. vim.api.nvim_buf_get_lines(0, 1, 2, false)[1])
  assert(vim.wait(15000, function() return #vim.diagnostic.get(0) == 0 end, 20), 'the diagnostic stays')
  say('symbols ' .. #ask('textDocument/documentSymbol', { textDocument = document }))
  say('lenses ' .. #ask('textDocument/codeLens', { textDocument = document }))
end
local ok, problem = pcall(check)
if not ok then
  say(problem)
  vim.cmd('cq!')
end
vim.cmd('qa!')
"""

LISP = """
(add-to-list 'load-path "{emacs}")
(require 'flow-mode)
(require 'eglot)
(setq eglot-sync-connect 15 eglot-send-changes-idle-time 0 eglot-confirm-server-initiated-edits nil)
(find-file "a.flow")
(apply #'eglot
       (if (functionp 'eglot--guess-contact)
           (list '(flow-mode) (cons 'transient default-directory) 'eglot-lsp-server
                 (split-string (getenv "FLOWLANG")) "flow")))
(defun wait-for (what)
  (let ((tries 300))
    (while (and (> tries 0) (not (funcall what)))
      (setq tries (1- tries))
      (accept-process-output nil 0.05)
      (flymake-start))))
(wait-for (lambda () (= 1 (length (flymake-diagnostics)))))
(let ((found (car (flymake-diagnostics))))
  (message "found: %s" (car (split-string (flymake-diagnostic-text found) "\\n")))
  (message "under: %s" (buffer-substring (flymake-diagnostic-beg found) (flymake-diagnostic-end found))))
(goto-char (point-min))
(search-forward "~ b")
(backward-char)
(eglot-rename "whole")
(goto-char (point-min))
(forward-line 2)
(message "renamed: %s" (buffer-substring (line-beginning-position) (line-end-position)))
(eglot-format-buffer)
(goto-char (point-min))
(forward-line 2)
(message "formatted: %s" (buffer-substring (line-beginning-position) (line-end-position)))
(goto-char (point-min))
(search-forward "amuont")
(backward-char)
;; Where there are several it would ask which.
(cl-letf (((symbol-function 'completing-read) (lambda (_ actions &rest _) (caar actions))))
  (eglot-code-actions (point) nil "quickfix" t))
(message "fixed: %s" (buffer-substring (line-beginning-position) (line-end-position)))
(eglot--signal-textDocument/didChange)
(wait-for (lambda () (null (flymake-diagnostics))))
(message "left: %s" (length (flymake-diagnostics)))
(set-buffer-modified-p nil)
"""

NODE = """
const { spawn } = require('child_process');
const rpc = require('vscode-languageserver-protocol/node');
const [program, ...rest] = process.env.FLOWLANG.split(' ');
const text = require('fs').readFileSync('a.flow', 'utf8');
const uri = require('url').pathToFileURL('a.flow').href;

async function session(capabilities, body) {
  const server = spawn(program, rest);
  const ended = new Promise((resolve) => server.on('exit', resolve));
  const connection = rpc.createProtocolConnection(
    new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const told = [];
  const first = new Promise((resolve) => connection.onNotification(
    rpc.PublishDiagnosticsNotification.type, (found) => { told.push(found); resolve(found); }));
  connection.listen();
  const root = require('url').pathToFileURL(process.cwd()).href;
  const { capabilities: offered } = await connection.sendRequest(
    rpc.InitializeRequest.type, { processId: process.pid, rootUri: root, capabilities });
  await connection.sendNotification(rpc.InitializedNotification.type, {});
  await connection.sendNotification(rpc.DidOpenTextDocumentNotification.type,
    { textDocument: { uri, languageId: 'flow', version: 1, text } });
  await body(connection, offered, first);
  await connection.sendRequest(rpc.ShutdownRequest.type);
  await connection.sendNotification(rpc.ExitNotification.type);
  console.log('exit', await ended, 'told', told.length);
}

(async () => {
  await session({}, async (connection, offered, first) => {
    const [found] = (await first).diagnostics;
    console.log('push', found.code, JSON.stringify(found.range.start));
  });
  await session({ textDocument: { diagnostic: {} } }, async (connection, offered) => {
    const document = { textDocument: { uri } };
    const report = await connection.sendRequest(rpc.DocumentDiagnosticRequest.type, document);
    console.log('pull', report.kind, report.items[0].code);
    const tokens = await connection.sendRequest(rpc.SemanticTokensRequest.type, document);
    console.log('tokens', tokens.data.length % 5, offered.semanticTokensProvider.legend.tokenTypes[tokens.data[3]]);
    const actions = await connection.sendRequest(rpc.CodeActionRequest.type, {
      ...document, range: report.items[0].range, context: { diagnostics: report.items } });
    const fix = actions.find((action) => action.kind === 'quickfix');
    const [edit] = (fix.edit.changes?.[uri] ?? fix.edit.documentChanges[0].edits);
    console.log('fix', fix.title, JSON.stringify(edit.range.start), edit.newText);
  });
})().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a file that has one mistake behind an emoji."""
    (tmp_path / "a.flow").write_text(TEXT, encoding="utf-8")
    return tmp_path


def start(place: Path, *command: str) -> str:
    return run(place, *command, PYTHONPATH=str(ROOT), FLOWLANG=f"{sys.executable} -m flowlang lsp")


def test_neovim(place: Path) -> None:
    if shutil.which("nvim") is None:
        missing("neovim", "there is no Neovim")
    (place / "drive.lua").write_text(LUA, encoding="utf-8")
    said = start(place, "nvim", "--headless", "--clean", "-c", "luafile drive.lua").splitlines()
    assert "found unknown-name at 1:32" in said  # bytes, as Neovim counts
    assert "hover ```flow let b: string ```" in "\n".join(said)
    assert "renamed   let  ccc = '😀' ~ whole" in said
    assert "formatted   let ccc = '😀' ~ whole" in said
    assert any(line.startswith("first of the fixes: Write `amount`") for line in said)
    assert '  let whole = "😀 {{ amount }} {{ amount }}"' in "\n".join(said)
    assert "symbols 1" in said
    assert "lenses 3" in said


def test_emacs(place: Path) -> None:
    need_emacs()
    (place / "drive.el").write_text(LISP.replace("{emacs}", str(ROOT / "editors" / "emacs")), encoding="utf-8")
    said = start(place, "emacs", "--batch", "-l", "drive.el").splitlines()
    assert any(line.startswith("found: ") and "nothing here is called `amuont`" in line for line in said), said
    assert "under: amuont" in said
    assert "renamed:   let  ccc = '😀' ~ whole" in said
    assert "formatted:   let ccc = '😀' ~ whole" in said
    assert 'fixed:   let whole = "😀 {{ amount }} {{ amount }}"' in said
    assert "left: 0" in said


def test_node(place: Path) -> None:
    """The protocol layer of Visual Studio Code."""
    modules = ROOT / "editors" / "vscode" / "node_modules"
    if shutil.which("node") is None or not (modules / "vscode-languageserver-protocol").is_dir():
        missing("node", "its packages are not installed: `make editors` does that")
    (place / "node_modules").symlink_to(modules)
    (place / "drive.js").write_text(NODE, encoding="utf-8")
    said = start(place, "node", "drive.js").splitlines()
    assert 'push unknown-name {"line":1,"character":30}' in said
    assert "exit 0 told 1" in said
    assert "pull full unknown-name" in said
    assert "tokens 0 keyword" in said
    (fix,) = (line for line in said if line.startswith("fix "))
    assert fix.startswith("fix Write `amount`")
    assert fix.endswith('{"line":1,"character":30} amount')
    assert "exit 0 told 0" in said


def test_the_profiles_of_pytest_lsp() -> None:
    """In a process of its own: its event loops are not those of this one."""
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(Path(__file__).with_name("profiles.ini"))]
    done = subprocess.run(
        [*command, str(Path(__file__).with_name("profiles.py"))],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\n\d\d passed in", done.stdout), done.stdout
