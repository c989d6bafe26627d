"""The server: pygls on one side, the project on the other, one worker thread between them."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
import traceback
from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from flowlang import __version__
from flowlang.compiler.workspace import is_below
from flowlang.lsp import findings
from flowlang.lsp.beside import Beside
from flowlang.lsp.features import Refused, features
from flowlang.lsp.library import is_in_library
from flowlang.lsp.life import end_with, leave, worker
from flowlang.lsp.places import around, is_in_project, path_of, root_of, shown, uri_of, work_in
from flowlang.lsp.plain import fitted, takes_related
from flowlang.lsp.project import Project
from flowlang.lsp.protocol import Protocol
from flowlang.lsp.wire import Writer, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import ThreadPoolExecutor
    from typing import BinaryIO

    from flowlang.lsp.beside import Found
    from flowlang.lsp.features import Feature
    from flowlang.lsp.project import Document


WATCHED = ("**/*.flow", "**/flowlang.toml", "**/pyproject.toml", "**/.gitignore")
SETTINGS = ("flowlang.toml", "pyproject.toml")
YOUNG = 20_000
"""Objects that are made and kept before garbage is looked for: what a key makes goes by itself at the next."""
OFTEN = 2.0
"""Seconds between two looks at the files on the disk, for a client that does not ask."""
SOON = 0.1
"""Seconds in which an editor is asked once, however often, to ask for findings again."""


class Seen(NamedTuple):
    """What a look at a file found: in its text, and in the files that it imports; which these are, and which of them
    were open.
    """

    own: types.PublishDiagnosticsParams
    text: str
    beside: Found
    files: frozenset[str]
    opened: frozenset[str]


class Server(LanguageServer):
    """One server for one client."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("flowlang", __version__, protocol_cls=Protocol)
        self.project = Project()
        self._worker = worker("check")
        self._reader = worker("text")
        self._listener = worker("wire")
        self._pending: set[str] = set()
        self._later: dict[str, None] = {}
        self._tells_later = False
        self._tasks: set[asyncio.Future[Any]] = set()
        self._told: dict[str, types.Diagnostic] = {}
        self._looked_at: dict[str, Document] = {}
        self._beside = Beside()
        self._asked: set[str] = set()
        """Files of which the client has asked for findings though it does not have them open."""
        self._will_refresh = False
        self._will_count = False
        self._was_told = False
        """Whether the client has told its folders."""
        self._has_settled = False
        for feature in features():
            self._register(feature)
        self._hear(types.INITIALIZE, self._initialize)
        self._hear(types.INITIALIZED, self._initialized)
        self._hear(types.TEXT_DOCUMENT_DID_SAVE, self._saved)
        self._hear(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed)
        self._hear(types.WORKSPACE_DID_CHANGE_CONFIGURATION, self._ignore)
        self._hear(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._folders_changed)

    # ---- the life of the server

    def _initialize(self, params: types.InitializeParams) -> None:
        """Work where the project is, so that paths read as on the command line."""
        self.project.uses.counts = False
        told = [each.uri for each in params.workspace_folders or ()] or [params.root_uri or ""]
        folders = [*filter(None, map(_folder, told))] or [params.root_path or ""]
        self.project.folders = folders if folders[0] else []
        if folders[0]:
            self._work_in(folders[0])
            self._was_told = True
        if params.process_id is not None:
            end_with(params.process_id)

    def _work_in(self, folder: str) -> None:
        """Make the root of the project that a folder is in the working folder."""
        with suppress(OSError, ValueError):
            work_in(root_of(folder))
            self.project.folders[:1] = [folder]
            self.project.uses.counts = True

    def settle(self, uri: str) -> None:
        """Where no folder was told, the files that are opened tell them: the first where to work, others what else is
        to be looked at.
        """
        if self._was_told or not uri.startswith("file:"):
            return
        with suppress(ValueError):
            folder = os.path.abspath(os.path.dirname(to_fs_path(uri) or ""))
            if self._has_settled:
                self._look_at_too(folder)
            elif is_in_project(folder):
                self._work_in(root_of(folder))
            else:
                self.project.folders = [around(folder)]
            self._has_settled = True

    def _look_at_too(self, folder: str) -> None:
        """Another project, or the files around one that is in none; but not where somebody reads in the library."""
        if not is_in_library(folder) and not any(is_below(folder, each) for each in self.project.folders):
            self.project.folders = [*self.project.folders, root_of(folder)]
            self.project.uses.counts |= is_in_project(folder)

    def _initialized(self, params: types.InitializedParams) -> None:
        """Ask the editor to tell of changes on the disk; nothing depends on it."""
        if not self.is_asked:
            self._keep(asyncio.ensure_future(self._look_often()))
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        options = types.DidChangeWatchedFilesRegistrationOptions(
            watchers=[types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
        )
        registration = types.Registration(
            id="files", method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES, register_options=options
        )
        self.client_register_capability(types.RegistrationParams(registrations=[registration]))

    def converse(self, stdin: BinaryIO, stdout: BinaryIO) -> None:
        """Serve the client until it is gone."""
        self.protocol.set_writer(Writer(stdout))
        try:
            asyncio.run(self._listen(messages(stdin)))
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            self.shutdown()

    async def _listen(self, incoming: Iterator[bytes]) -> None:
        loop = asyncio.get_running_loop()
        while (content := await loop.run_in_executor(self._listener, next, incoming, None)) is not None:
            self.protocol.receive(content)

    @property
    def has_shut_down(self) -> bool:
        """Whether the client asked for the end before it went."""
        return self.protocol._shutdown

    def shutdown(self) -> None:
        """End, with all threads."""
        for each in (self._worker, self._reader, self._listener):
            each.shutdown(wait=False, cancel_futures=True)
        super().shutdown()  # type: ignore[no-untyped-call]

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What goes wrong is logged; nobody's work is interrupted by a window. Who asked has the answer already, which
        says all where it was foreseen.
        """
        if isinstance(error, JsonRpcInternalError):
            cause = error.__cause__
            trace = "".join(traceback.format_exception(cause)) if cause else f"{error}\n{error.data or ''}"
            self._log(trace)
        elif source is not FeatureRequestError:
            self._log(f"{type(error).__name__}: {error}")

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(type=types.MessageType.Error, message=message))

    # ---- requests

    def _register(self, feature: Feature) -> None:
        answer = self.at_once if feature.at_once else self.in_turn

        async def handle(params: Any) -> Any:
            return await answer(feature.answer, params)

        self.feature(feature.method, feature.options)(handle)

    def _hear(self, method: str, act: Callable[[Any], None]) -> None:
        def handle(params: Any) -> None:
            act(params)

        self.feature(method)(handle)

    async def in_turn(self, answer: Callable[[Project, Any], Any], params: Any) -> Any:
        """Answer on the worker's thread, after what was asked before."""
        return await self._answer(self._worker, answer, params)

    async def at_once(self, answer: Callable[[Project, Any], Any], params: Any) -> Any:
        """Answer from the text, beside whatever the worker does."""
        return await self._answer(self._reader, answer, params)

    async def _answer(self, worker: ThreadPoolExecutor, answer: Callable[[Project, Any], Any], params: Any) -> Any:
        versions, edits = self.project.versions(), self.project.edits
        try:
            found = await asyncio.get_running_loop().run_in_executor(worker, answer, self.project, params)
            if isinstance(found, Generator):
                found = await self._in_slices(worker, found, edits)
            if isinstance(found, types.RelatedFullDocumentDiagnosticReport):
                self._tell_related(path_of(params.text_document.uri), found)
            return fitted(found, self.client_capabilities, versions)
        except Refused as refusal:
            raise JsonRpcException(str(refusal), types.LSPErrorCodes.RequestFailed) from refusal
        except JsonRpcException:
            raise
        except Exception as error:
            raise JsonRpcInternalError(f"{type(error).__name__}: {error}") from error
        finally:
            self._tell_of_settings()
            self._count_soon()

    async def _in_slices(self, worker: ThreadPoolExecutor, work: Generator[None, None, Any], edits: int) -> Any:
        """Let others in between; the end of the request is the end of the work, and so is an edit since it was made."""
        loop = asyncio.get_running_loop()
        while True:
            if self.project.edits != edits:
                raise JsonRpcException("a text has changed meanwhile", types.LSPErrorCodes.ContentModified)
            is_done, found = await loop.run_in_executor(worker, _next, work)
            if is_done:
                return found

    # ---- findings

    @property
    def is_asked(self) -> bool:
        """Whether the client asks for findings itself; it is then told none, or it would show each twice."""
        document = self.client_capabilities.text_document
        return document is not None and document.diagnostic is not None

    def changed(self, uri: str) -> None:
        """A text was opened or changed: tell what is found in it, soon."""
        path = path_of(uri)
        if self.is_asked:
            self._take_back(path)
        else:
            self._tell_soon(path)
        self._refresh(self.project.dependents(path))
        self._count_soon()

    def closed(self, uri: str) -> None:
        """A text was closed: its findings go, those of who imports it may change."""
        path = path_of(uri)
        dependents = self.project.dependents(path)
        self.project.close(uri)
        if not self.is_asked:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))
        if path not in self.project.open:
            self._looked_at.pop(path, None)
            self._beside.close(path)
            self._tell_beside()
        self._refresh(dependents)
        self._count_soon()

    def _tell_soon(self, path: str) -> None:
        """Once the worker is free; a text that changes again until then is looked at once."""
        if path not in self._pending:
            self._pending.add(path)
            self._keep(asyncio.ensure_future(self._tell(path, self._look_at_change)))

    async def _tell_later(self) -> None:
        """One file after another, so that whatever is asked meanwhile waits for one of them at most."""
        self._tells_later = True
        while self._later:
            path = next(iter(self._later))
            del self._later[path]
            await self._tell(path, self._look)
        self._tells_later = False

    def _keep(self, task: asyncio.Future[Any]) -> None:
        """A task that nobody holds may be forgotten in its middle."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, path: str, look: Callable[[str], Seen | None]) -> None:
        """Check a file and tell what is found, unless the text has changed again."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        try:
            found = await loop.run_in_executor(self._worker, look, path)
        except Exception as error:
            self._log("".join(traceback.format_exception(error)))
            return
        document = self.project.open.get(path)
        # The version alone does not tell: of a text that is closed and opened again it may be the same.
        if (
            found is not None
            and document is not None
            and (document.version, document.text) == (found.own.version, found.text)
        ):
            self.text_document_publish_diagnostics(found.own)
            if found.files & self.project.open.keys() == found.opened:  # else another look follows
                self._beside.note(path, found.beside)
                self._tell_beside()
        self._tell_of_settings()
        self._count_soon()

    def _tell_beside(self) -> None:
        """Of files that are not open but imported."""
        for path, found in self._beside.changes({*self.project.open, *self._asked}):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri_of(path), diagnostics=found))

    def _tell_related(self, path: str, report: types.RelatedFullDocumentDiagnosticReport) -> None:
        """Of imported files that are not open, to a client that asks but takes the findings of one file at a time."""
        if takes_related(self.client_capabilities):
            return
        if path not in self.project.open:
            self._asked.add(path)
            self._take_back(path)
            return
        related = (report.related_documents or {}).items()
        self._beside.note(
            path,
            {
                path_of(uri): [*each.items]
                for uri, each in related
                if isinstance(each, types.FullDocumentDiagnosticReport)
            },
        )
        self._tell_beside()

    def _take_back(self, path: str) -> None:
        """What was told of a file of which the client asks itself from now on."""
        if self._beside.hand_over(path):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri_of(path), diagnostics=[]))

    def _look_at_change(self, path: str) -> Seen | None:
        """A text that changed after an earlier look was asked for, and before that began, has been looked at then."""
        self._pending.discard(path)
        document = self.project.open.get(path)
        return None if document is None or document is self._looked_at.get(path) else self._look(path)

    def _look(self, path: str) -> Seen | None:
        if path not in self.project.open:
            return None
        snapshot = self.project.look(path)
        own = types.PublishDiagnosticsParams(
            uri=snapshot.uri, version=snapshot.version, diagnostics=findings.all_of(self.project, snapshot)
        )
        files = frozenset(snapshot.program.files)
        opened = files & self.project.open.keys()
        beside = findings.of_imported(self.project, snapshot)
        document = self.project.open.get(path)
        if document is not None and (document.version, document.text) == (snapshot.version, snapshot.text):
            self._looked_at[path] = document
        return Seen(own, snapshot.text, beside, files, opened)

    def _refresh(self, paths: list[str]) -> None:
        """What is known of some open files may have changed though their texts have not."""
        if not self.is_asked:
            self._later.update(dict.fromkeys(paths))
            if self._later and not self._tells_later:
                self._keep(asyncio.ensure_future(self._tell_later()))
        elif paths and self._refreshes and not self._will_refresh:
            self._will_refresh = True
            asyncio.get_running_loop().call_later(SOON, self._refresh_now)

    def _count_soon(self) -> None:
        """Where something is called unused: whether other files use it, when what is done now is done."""
        if self.project.uses.has_claims and not self._will_count:
            self._will_count = True
            asyncio.get_running_loop().call_later(SOON, lambda: self._keep(asyncio.ensure_future(self._count())))

    async def _count(self) -> None:
        """Tell of the files whose findings have changed although their texts have not."""
        loop, work = asyncio.get_running_loop(), self.project.uses.renew()
        try:
            while not (step := await loop.run_in_executor(self._worker, _next, work))[0]:
                pass
            self._refresh(step[1])
        except Exception as error:
            self._log("".join(traceback.format_exception(error)))
        finally:
            self._will_count = False

    def _refresh_now(self) -> None:
        self._will_refresh = False
        self.workspace_diagnostic_refresh(None)

    @property
    def _refreshes(self) -> bool:
        workspace = self.client_capabilities.workspace
        diagnostics = workspace.diagnostics if workspace is not None else None
        return diagnostics is not None and bool(diagnostics.refresh_support)

    # ---- files on the disk

    def _saved(self, params: types.DidSaveTextDocumentParams) -> None:
        if os.path.basename(path_of(params.text_document.uri)) in SETTINGS:
            self.project.reconfigure()
        if not self.is_asked:
            self._keep(asyncio.ensure_future(self._look_again()))

    async def _look_often(self) -> None:
        """See what changes on the disk, for a client that does not ask and may not tell."""
        while True:
            await asyncio.sleep(OFTEN)
            await self._look_again()

    async def _look_again(self) -> None:
        """Tell of open files whose imports, templates or settings have changed, and of settings that cannot be read."""
        try:
            self._refresh(await asyncio.get_running_loop().run_in_executor(self._worker, self.project.outdated))
            self._tell_of_settings()
        except Exception as error:
            self._log("".join(traceback.format_exception(error)))

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Files came, went or changed: what hangs on them is looked at again."""
        if any(os.path.basename(path_of(change.uri)) in SETTINGS for change in params.changes):
            self.project.reconfigure()
        self._refresh(list(self.project.open))

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Folders came or went; the working folder stays that of the first."""
        gone = {os.path.realpath(to_fs_path(each.uri) or "") for each in params.event.removed}
        come = filter(None, (_folder(each.uri) for each in params.event.added))
        folders = {os.path.realpath(each): each for each in (*come, *self.project.folders)}
        self.project.folders = [each for real, each in folders.items() if real not in gone]

    def _ignore(self, params: Any) -> None:
        """There is nothing to configure from the editor: settings stand in the project's files."""

    def _tell_of_settings(self) -> None:
        """Settings files that cannot be read: at their places, once. Nobody asks for the findings of such a file."""
        problems = self.project.configured.problems
        if problems == self._told:
            return
        for file in {**self._told, **problems}:
            if problems.get(file) != self._told.get(file):
                found = [problems[file]] if file in problems else []
                self.text_document_publish_diagnostics(
                    types.PublishDiagnosticsParams(uri=uri_of(shown(file)), diagnostics=found)
                )
        self._told = problems


def _next(work: Generator[None, None, Any]) -> tuple[bool, Any]:
    """Do one slice of some work; says whether it was the last, and what was found."""
    try:
        next(work)
    except StopIteration as end:
        return True, end.value
    return False, None


def _folder(uri: str) -> str | None:
    """The path of a folder of this machine."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return path if path and os.path.isdir(path) else None


def _place(address: tuple[Any, ...]) -> str:
    """A host and a port, as `--tcp` takes them."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve(tcp: tuple[str, int] | None) -> int:
    """Serve one client, on stdin and stdout or, for debugging, on a port; gives the exit code."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    if tcp is None:
        # What is printed by mistake must not end up among the messages.
        stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
    else:
        try:
            with socket.create_server(tcp, family=socket.AF_INET6 if ":" in tcp[0] else socket.AF_INET) as listening:
                print(f"flowlang: listening on {_place(listening.getsockname())}", file=sys.stderr, flush=True)
                connection, _ = listening.accept()
        except OSError as error:
            reason = (error.strerror or str(error)).partition(" (while")[0]
            print(f"flowlang: error: {_place(tcp)}: {reason}", file=sys.stderr)
            return 2
        stdin, stdout = connection.makefile("rb"), connection.makefile("wb")
    server = Server()
    gc.freeze()
    gc.set_threshold(YOUNG)
    gc.enable()
    server.converse(stdin, stdout)
    return leave(0 if server.has_shut_down else 1)
