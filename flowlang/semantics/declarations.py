"""The items of a file: which names it declares, which types they are, what may be called and how.

Reads heads only; bodies are `infer`'s part. Types are resolved in the order of their dependencies, so that a cycle is
found once and shown as its path.
"""

from __future__ import annotations

from flowlang.diagnostics import Related
from flowlang.semantics.facts import ParamSig, Signature, Symbol
from flowlang.semantics.graph import order
from flowlang.semantics.report import POISON
from flowlang.semantics.suggest import closest, did_you_mean
from flowlang.semantics.type_expressions import USER_GENERIC, TypeNames
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import secret_path
from flowlang.types.builtin import PLAIN
from flowlang.types.model import ANY, NONE
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

    from flowlang.semantics.facts import CheckedFile
    from flowlang.semantics.state import ProgramState
    from flowlang.types.model import Type

    Callable = ast.ActionDecl | ast.FunctionDecl | ast.FlowDecl

KINDS: Final[dict[type, str]] = {
    ast.TypeDecl: "type",
    ast.ServiceDecl: "service",
    ast.ActionDecl: "action",
    ast.FunctionDecl: "function",
    ast.FlowDecl: "flow",
    ast.BrokenFlow: "flow",
    ast.Let: "const",
    ast.AnnotationDecl: "annotation",
    ast.TriggerDecl: "trigger",
}
RESERVED: Final = frozenset(("config",))
_MAY_HIDE: Final = frozenset(("type", "function", "action", "flow"))
"""What may stand where something built in may: that is a mistake if it has the name of it."""
BUILT_IN: Final = frozenset((*PLAIN, *USER_GENERIC))
"""The types that need no declaration."""


class Declarations:
    """Reads the heads of one file's items. `module`: the name of a module of the standard library, null for a user's
    file.
    """

    def __init__(self, state: ProgramState, file: CheckedFile, module: str | None, imported: dict[str, str]) -> None:
        self.state = state
        self.file = file
        self.module = module
        self.imported = imported  # import target as written → path of the file
        self.facts = state.facts
        self.reporter = state.reporter
        self.own: dict[str, Type] = {}
        state.types[file.path] = self.own
        self.types = TypeNames(state, file.names, self.own, module is not None)

    def read(self) -> None:
        """Fill the file's names, its types, signatures and configuration."""
        self.read_names()
        for declared in self.sorted_types()[0]:
            self.read_type(declared)
        for item in self.file.tree.items:
            self.read_head(item)

    def read_names(self, items: Iterable[ast.Item] | None = None) -> None:
        """Which names the items declare; some of them, where what the others declare is known."""
        self.reporter.file = self.file.path
        for item in self.file.tree.items if items is None else items:
            self._name(item)

    def read_head(self, item: ast.Item) -> None:
        """What an item says of itself: its signature, or the configuration; types have been read."""
        if isinstance(item, ast.Config):
            self._config(item)
        elif isinstance(item, (ast.ActionDecl, ast.FunctionDecl, ast.FlowDecl)):
            self._callable(item)
        elif isinstance(item, ast.AnnotationDecl):
            self._annotation(item)
        elif isinstance(item, ast.TriggerDecl):
            self._trigger(item)

    def qualified(self, name: str) -> str:
        """The name of an item in the plan."""
        if self.module is not None:
            return name if self.module in ("prelude", "tests") else f"{self.module}.{name}"
        return name if self.file.path == self.state.root else f"{relative(self.file.path, self.state.root)}:{name}"

    # ---- names

    def _name(self, item: ast.Item) -> None:
        if isinstance(item, ast.Import):
            self._import(item)
            return
        if isinstance(item, (ast.Broken, ast.BrokenFlow)):
            name = item.name if isinstance(item, ast.Broken) else item.name.name
            if name is not None and name not in self.file.names:
                self.file.names[name] = Symbol(name, "broken", item, self.file.path, "")
            return
        kind = KINDS.get(type(item))
        if kind is None:
            if isinstance(item, ast.TestDecl):
                self.reporter.report("not-yet-supported", "`test` is not supported yet", item.name)
            return
        if kind in ("annotation", "trigger"):
            if self.module is None:
                message = f"`{kind}` may stand in the standard library only"
                self.reporter.report("misplaced-declaration", message, item.name)  # type: ignore[union-attr]
            return
        assert isinstance(
            item, (ast.TypeDecl, ast.ServiceDecl, ast.ActionDecl, ast.FunctionDecl, ast.FlowDecl, ast.Let)
        )
        if kind in _MAY_HIDE and self.module is None and self._is_taken(item):
            return
        self._declare(item.name, kind, item)

    def _is_taken(self, item: ast.TypeDecl | ast.ServiceDecl | Callable | ast.Let) -> bool:
        """Report an item with the name of one that is built in; whether that one is meant wherever the name stands."""
        name = item.name.name
        if isinstance(item, ast.TypeDecl):
            if name not in BUILT_IN:
                return False
            self.reporter.report("shadowed-name", f"`{name}` is a built-in type and cannot be declared", item.name)
            self.facts.used.add(id(item))  # so that this is all there is to say
            return True
        if isinstance(item, (ast.FunctionDecl, ast.ActionDecl, ast.FlowDecl)):
            found = self.state.catalog.prelude(name)
            if found is not None and (found.kind == "action" or isinstance(item, ast.FunctionDecl)):
                what = f"`{name}` hides the built-in {found.kind} of that name"
                self.reporter.report("shadowed-name", what, item.name, "give it another name")
        return False

    def _declare(self, name: ast.Ident, kind: str, node: ast.Node, qualified: str | None = None) -> None:
        if name.name in RESERVED:
            self.reporter.report(
                "shadowed-name", f"`{name.name}` is the configuration and cannot be another name", name
            )
            return
        old = self.file.names.get(name.name)
        symbol = Symbol(
            name.name, kind, node, self.file.path, qualified if qualified is not None else self.qualified(name.name)
        )
        self.facts.symbols[id(node)] = symbol
        if old is not None and old.kind != "broken":
            at = getattr(old.node, "name", None) or getattr(old.node, "alias", None) or old.node
            assert isinstance(at, ast.Node)
            self.reporter.report(
                "duplicate-name",
                f"`{name.name}` is declared twice in this file",
                name,
                related=(self.reporter.related(f"the first `{name.name}` is here", at),),
            )
            return
        self.file.names[name.name] = symbol

    def _import(self, item: ast.Import) -> None:
        target = item.target.name
        if item.is_file:
            alias = item.alias or ast.Ident(item.target.start, item.target.end, _stem(target))
            path = self.imported.get(target)
            if path is None:
                self.file.names.setdefault(alias.name, Symbol(alias.name, "broken", item, self.file.path, ""))
                return
            self._declare(alias, "file", item, path)
            return
        alias = item.alias or item.target
        if not self.state.catalog.is_module(target):
            from flowlang.semantics.elsewhere import MODULES

            imports = [each for each in self.file.tree.items if isinstance(each, ast.Import) and not each.is_file]
            imported = {each.target.name for each in imports if item.alias is None}
            help = (
                did_you_mean(target, [each for each in self.state.catalog.modules() if each not in imported])
                or MODULES.get(target)
                or f"modules are {', '.join(self.state.catalog.modules())}; a file is imported by its path, "
                '`import "x.flow" as x`'
            )
            self.reporter.report("unknown-module", f"there is no module `{target}`", item.target, help)
            for name in (alias.name, *closest(target, self.state.catalog.modules())):  # its uses are no second mistake
                self.file.names.setdefault(name, Symbol(name, "broken", item, self.file.path, ""))
            return
        self._declare(alias, "module", item, target)

    # ---- types

    def sorted_types(self) -> tuple[list[ast.TypeDecl], bool]:
        """The declared types, each after those it holds; and whether one holds itself, which is reported."""
        declared = [item for item in self.file.tree.items if isinstance(item, ast.TypeDecl) and self._is_first(item)]
        number = {item.name.name: index for index, item in enumerate(declared)}
        needs = [[number[name] for name in type_names(item.type) if name in number] for item in declared]
        sorted_, cycles = order(needs)
        for cycle in cycles:
            self._type_cycle([declared[index] for index in cycle])
        return [declared[index] for index in sorted_], bool(cycles)

    def read_type(self, item: ast.TypeDecl) -> None:
        """Which type an item declares; those it holds have been read."""
        exact = any(annotation.name.name == "exact" for annotation in item.annotations)
        if isinstance(item.type, ast.RecordType):
            found = self.types.composed(self.types.record(item.type, item.name.name, exact), item.name)
            self.facts.type_exprs[id(item.type)] = found
        else:
            found = self.types.resolve(item.type)
        self.own[item.name.name] = found

    def _is_first(self, item: ast.TypeDecl) -> bool:
        symbol = self.file.names.get(item.name.name)
        return symbol is not None and symbol.node is item

    def _type_cycle(self, cycle: list[ast.TypeDecl]) -> None:
        related = []
        for item, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            at = type_name_node(item.type, following.name.name)
            related.append(self.reporter.related(f"`{item.name.name}` holds `{following.name.name}`", at or item.name))
        path = " → ".join(item.name.name for item in [*cycle, cycle[0]])
        self.reporter.report(
            "type-cycle", f"type `{cycle[0].name.name}` holds itself: {path}", cycle[0].name, "", tuple(related)
        )

    # ---- heads

    def _config(self, item: ast.Config) -> None:
        first: dict[str, ast.Node] = {}
        for field in item.fields:
            type_ = self.types.resolve(field.type)
            name = field.name.name
            if name in first:
                self.reporter.report(
                    "duplicate-field",
                    f"`{name}` stands twice in the configuration",
                    field.name,
                    related=(self.reporter.related("the first is here", first[name]),),
                )
                continue
            first[name] = field.name
            old, span = self.state.config.get(name), Span(self.file.path, field.start, field.end)
            if old is None:
                self.state.config[name] = type_
                self.state.config_places[name] = span
            elif old != type_:
                message = f"`config.{name}` is {show(type_)} here and {show(old)} elsewhere in the program"
                self.reporter.report(
                    "config-conflict",
                    message,
                    field,
                    related=(Related(f"`config.{name}` is {show(old)} here", self.state.config_places[name]),),
                )

    def _params(self, params: Sequence[ast.Param]) -> tuple[ParamSig, ...]:
        found: dict[str, ParamSig] = {}
        first: dict[str, ast.Node] = {}
        for param in params:
            turned = self.types.turned(param)
            type_ = self.types.resolve(param.type) if turned is None else POISON
            name = (turned or param.name).name
            if name in found:
                self.reporter.report(
                    "duplicate-name",
                    f"parameter `{name}` stands twice",
                    param.name,
                    related=(self.reporter.related("the first is here", first[name]),),
                )
                continue
            first[name] = param.name
            found[name] = ParamSig(name, type_, param.default, param.doc)
        return tuple(found.values())

    def _callable(self, item: Callable) -> None:
        type_params = () if isinstance(item, ast.FlowDecl) else tuple(ident.name for ident in item.type_params)
        self.types.params = frozenset(type_params)
        params = self._params(item.params)
        result = self.types.resolve(item.result) if item.result is not None else None
        self.types.params = frozenset()
        kind = KINDS[type(item)]
        body, target = "flow", ""
        if not isinstance(item, ast.FlowDecl):
            body, target = _body(item.body)
            if body == "native" and self.module is None:
                message, help = (
                    "`native` may stand in the standard library only",
                    "give a body: `= python('module:function')`",
                )
                self.reporter.report("not-native", message, item.body, help)
        else:
            self._no_secrets(item, params, result)
        if result is None and body != "expression":
            result = NONE if not isinstance(item, ast.FlowDecl) else ANY  # a flow's is inferred
        self.facts.signatures[id(item)] = Signature(
            name=self.qualified(item.name.name),
            kind=kind,
            type_params=type_params,
            params=params,
            result=result if result is not None else ANY,
            body=body,
            target=target,
            annotations=tuple((a.name.name, a.arguments) for a in item.annotations),
            targets=(),
            doc=item.doc,
            node=item,
            file=self.file.path,
        )

    def _no_secrets(self, item: ast.FlowDecl, params: tuple[ParamSig, ...], result: Type | None) -> None:
        for node in item.params:
            of = self.facts.type_exprs[id(node.type)]
            if secret_path(of) is not None:
                message = f"a flow takes no secrets, but parameter `{node.name.name}` is {show(of)}"
                self.reporter.report("secret-leak", message, node.type, "take it from `config` where it is used")
        if result is not None and item.result is not None and secret_path(result) is not None:
            self.reporter.report(
                "secret-leak", f"a flow returns no secrets, but its result is {show(result)}", item.result
            )

    def _annotation(self, item: ast.AnnotationDecl) -> None:
        self.facts.signatures[id(item)] = Signature(
            name=item.name.name,
            kind="annotation",
            type_params=(),
            params=self._params(item.params),
            result=NONE,
            body="",
            target="",
            annotations=(),
            targets=tuple(ident.name for ident in item.targets),
            doc=item.doc,
            node=None,
            file=self.file.path,
        )

    def _trigger(self, item: ast.TriggerDecl) -> None:
        self.facts.signatures[id(item)] = Signature(
            name=item.name.name,
            kind="trigger",
            type_params=(),
            params=self._params(item.params),
            result=self.types.resolve(item.result),
            body="",
            target="",
            annotations=(),
            targets=(),
            doc=item.doc,
            node=None,
            file=self.file.path,
        )


def _body(node: ast.Node) -> tuple[str, str]:
    if isinstance(node, ast.Native):
        return "native", ""
    if isinstance(node, ast.PythonBody):
        return "python", node.target.value
    return "expression", ""


def type_names(node: ast.TypeExpr) -> list[str]:
    """The names of types in a type expression, in source order."""
    found: list[str] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.TypeName):
            found.append(each.name.name)
            pending.extend(reversed(each.arguments))
        elif isinstance(each, ast.RecordType):
            pending.extend([field.type for field in reversed(each.fields)])
        elif isinstance(each, ast.OptionalType):
            pending.append(each.inner)
        elif isinstance(each, ast.UnionType):
            pending.extend(reversed(each.members))
    return found


def type_name_node(node: object, name: str) -> ast.Node | None:
    """Where a type expression names a type."""
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, ast.TypeName) and each.name.name == name:
            return each
        if isinstance(each, tuple):
            stack.extend(reversed(each))
    return None


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".flow").replace("-", "_")


def relative(path: str, root: str) -> str:
    """A file's path as seen from the folder of the program's root file, `/` between its parts."""
    import posixpath

    return "./" + posixpath.relpath(path.replace("\\", "/"), posixpath.dirname(root.replace("\\", "/")) or ".")
