"""Types as JSON Schema (2020-12) and back.

Out, a schema accepts what the run-time checker accepts at a JSON edge, but for what schemas cannot say (a url's host,
an instant's zone). A secret is marked `writeOnly`. In, what a type cannot say (`not`, `patternProperties`, numbers of
things) is left out, so the type accepts at least what the schema does; what has no type at all is `any`. References
stay within the document.
"""

from __future__ import annotations

from flowlang.types import model
from flowlang.types.assign import is_optional
from flowlang.types.constraints import ConstraintError, constrain
from flowlang.types.formats import FORMATS
from flowlang.types.join import optional, union

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.types.model import Type

    Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DEEPEST: Final = 32
_NUMBER: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_TEXTS: Final[dict[type, Schema]] = {
    model.Datetime: {"type": "string", "format": "date-time"},
    model.Date: {"type": "string", "format": "date"},
    model.Duration: {"type": "string", "format": "duration"},
    model.Url: {"type": "string", "format": "uri"},
    model.Cron: {"type": "string"},
}
_READ_FORMATS: Final[dict[str, Type]] = {
    "date-time": model.DATETIME,
    "date": model.DATE,
    "duration": model.DURATION,
    "byte": model.BYTES,
    "binary": model.STRING,
}
_SYNONYMS: Final = {"idn-email": "email", "iri": "uri", "idn-hostname": "hostname"}


def to_schema(of: Type) -> Schema:
    """Write a type as a JSON Schema; declared records go to `$defs`."""
    definitions: dict[str, Any] = {}
    names: dict[Type, str] = {}
    schema = _write(of, definitions, names)
    result = {"$schema": DIALECT, **schema}
    if definitions:
        result["$defs"] = definitions
    return result


def _write(of: Type, definitions: dict[str, Any], names: dict[Type, str]) -> Schema:
    match of:
        case model.Any():
            return {}
        case model.Never():
            return {"not": {}}
        case model.NoneType():
            return {"type": "null"}
        case model.Bool():
            return {"type": "boolean"}
        case model.Int() | model.Float():
            return {"type": "integer" if isinstance(of, model.Int) else "number", **_number(of)}
        case model.String():
            format_ = {"format": "uri" if of.format == "url" else of.format} if of.format else {}
            pattern = {"pattern": of.pattern} if of.pattern is not None else {}
            return {"type": "string", **_sized(of, "Length"), **pattern, **format_}
        case model.Bytes():
            return {"type": "string", "contentEncoding": "base64"}
        case model.Secret():
            return {**_write(of.inner, definitions, names), "writeOnly": True}
        case model.LiteralOf():
            return {"const": of.value}
        case model.List():
            return {"type": "array", "items": _write(of.item, definitions, names), **_sized(of, "Items")}
        case model.Map():
            inner = _write(of.value, definitions, names)
            return {"type": "object", "additionalProperties": inner, **_sized(of, "Properties")}
        case model.RecordOf():
            return _named(of, definitions, names) if of.name else _record(of, definitions, names)
        case model.Union():
            return _union(of, definitions, names)
        case _:
            found = _TEXTS.get(type(of))
            if found is None:
                raise TypeError(f"a {type(of).__name__} stands in declarations only")
            return dict(found)


def _number(of: model.Int | model.Float) -> Schema:
    words: Schema = {word: getattr(of, name) for name, word in _NUMBER.items() if getattr(of, name) is not None}
    if of.multiple_of is not None:
        words["multipleOf"] = of.multiple_of
    return words


def _sized(of: model.String | model.List | model.Map, what: str) -> Schema:
    limits = (("min", of.min_length), ("max", of.max_length))
    return {f"{end}{what}": value for end, value in limits if value is not None}


def _named(of: model.RecordOf, definitions: dict[str, Any], names: dict[Type, str]) -> Schema:
    name = names.get(of)
    if name is None:
        name, number = of.name, 2
        while name in definitions:
            name, number = f"{of.name}{number}", number + 1
        names[of] = name
        definitions[name] = {}
        definitions[name] = {"title": of.name, **_record(of, definitions, names)}
    return {"$ref": f"#/$defs/{name}"}


def _record(of: model.RecordOf, definitions: dict[str, Any], names: dict[Type, str]) -> Schema:
    properties: Schema = {}
    for field in of.fields:
        properties[field.name] = _write(field.type, definitions, names)
        if field.default is not None:
            properties[field.name] = {**properties[field.name], "default": field.default[0]}
    required = [f.name for f in of.fields if not is_optional(f.type) and f.default is None]
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if of.exact:
        schema["additionalProperties"] = False
    return schema


def _union(of: model.Union, definitions: dict[str, Any], names: dict[Type, str]) -> Schema:
    if all(isinstance(m, model.LiteralOf) for m in of.members):
        return {"enum": [m.value for m in of.members if isinstance(m, model.LiteralOf)]}
    return {"anyOf": [_write(m, definitions, names) for m in of.members]}


def from_schema(schema: object, root: object = None) -> Type:
    """Read a JSON Schema, or one of an OpenAPI document given as `root`."""
    return _Reader(schema if root is None else root).read(schema, (), 0)


class _Reader:
    """Reads the schemas of one document."""

    def __init__(self, root: object) -> None:
        self.root = root

    def read(self, schema: object, seen: tuple[str, ...], depth: int) -> Type:
        """A schema's type; one that contains itself, or is nested too deep, is `any` there."""
        if schema is False:
            return model.NEVER
        if not isinstance(schema, dict) or depth > DEEPEST:
            return model.ANY
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = None if reference in seen else self._find(reference)
            if target is None:
                return model.ANY
            found = self.read(target, (*seen, reference), depth + 1)
            if isinstance(found, model.RecordOf) and not found.name:
                found = found.replace(name=_type_name(reference))
        else:
            found = self._read(schema, seen, depth + 1)
        return optional(found) if schema.get("nullable") is True else found

    def _find(self, reference: str) -> object:
        if not reference.startswith("#"):
            return None
        at: object = self.root
        for token in reference[1:].split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            at = at.get(key) if isinstance(at, dict) else None
        return at

    def _read(self, schema: Schema, seen: tuple[str, ...], depth: int) -> Type:
        if "const" in schema:
            return _literal(schema["const"])
        if isinstance(schema.get("enum"), list):
            return union(_literal(value) for value in schema["enum"])
        for word in ("anyOf", "oneOf"):
            if isinstance(schema.get(word), list):
                return union(self.read(member, seen, depth) for member in schema[word])
        if isinstance(schema.get("allOf"), list):
            return self._all_of(schema, seen, depth)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return union(self._kind(str(kind), schema, seen, depth) for kind in kinds)
        if kinds is None:
            kinds = "object" if "properties" in schema else "array" if "items" in schema else ""
        return self._kind(str(kinds), schema, seen, depth)

    def _all_of(self, schema: Schema, seen: tuple[str, ...], depth: int) -> Type:
        """Records are put together; of anything else the first that says something counts."""
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        parts = [self.read(member, seen, depth) for member in schema["allOf"]]
        if "properties" in rest or "type" in rest:
            parts.append(self._read(rest, seen, depth))
        records = [p for p in parts if isinstance(p, model.RecordOf)]
        if len(records) != len(parts) or not records:
            return next((p for p in parts if p != model.ANY), model.ANY)
        fields: dict[str, model.Field] = {}
        for record in records:
            for field in record.fields:
                old = fields.get(field.name)
                if old is None or (is_optional(old.type) and not is_optional(field.type)):
                    fields[field.name] = field
        return model.RecordOf("", tuple(fields.values()))

    def _kind(self, kind: str, schema: Schema, seen: tuple[str, ...], depth: int) -> Type:
        match kind:
            case "null":
                return model.NONE
            case "boolean":
                return model.BOOL
            case "integer" | "number":
                return _bounded(model.INT if kind == "integer" else model.FLOAT, schema)
            case "string":
                return _text(schema)
            case "array":
                item = self.read(schema.get("items", True), seen, depth)
                return _kept(model.List(item), _limits(schema, "Items"))
            case "object":
                return self._object(schema, seen, depth)
            case _:
                return model.ANY

    def _object(self, schema: Schema, seen: tuple[str, ...], depth: int) -> Type:
        properties = schema.get("properties")
        extra = schema.get("additionalProperties")
        if not isinstance(properties, dict) or not properties:
            if extra is False:
                return model.RecordOf("", (), exact=True)
            value = self.read(extra, seen, depth) if isinstance(extra, dict) else model.ANY
            return _kept(model.Map(value), _limits(schema, "Properties"))
        required = schema.get("required")
        needed = set(required) if isinstance(required, list) else set()
        fields = []
        for name, part in properties.items():
            of = self.read(part, seen, depth)
            default = (part["default"],) if isinstance(part, dict) and "default" in part else None
            if name not in needed and default is None:
                of = optional(of)
            fields.append(model.Field(str(name), of, default))
        return model.RecordOf("", tuple(fields), exact=extra is False)


def _literal(value: object) -> Type:
    match value:
        case None:
            return model.NONE
        case bool():
            return model.LiteralOf(value, "bool")
        case str():
            return model.LiteralOf(value, "string")
        case int() | float():
            return model.LiteralOf(value, type(value).__name__)
        case _:
            return model.ANY


def _bounded(of: model.Int | model.Float, schema: Schema) -> Type:
    words: Schema = {}
    for name, word in _NUMBER.items():
        value = schema.get(word)
        if type(value) in (int, float):
            words[name] = value
    # OpenAPI 3.0 writes the exclusive bound as a flag beside the other.
    for flag, name, instead in (("exclusiveMinimum", "ge", "gt"), ("exclusiveMaximum", "le", "lt")):
        if schema.get(flag) is True and name in words:
            words[instead] = words.pop(name)
    if "ge" in words and "gt" in words:
        del words["ge" if words["gt"] >= words["ge"] else "gt"]
    if "le" in words and "lt" in words:
        del words["le" if words["lt"] <= words["le"] else "lt"]
    if type(schema.get("multipleOf")) in (int, float):
        words["multiple_of"] = schema["multipleOf"]
    if isinstance(of, model.Int):
        words = {name: int(value) for name, value in words.items() if value == int(value)}
    return _kept(of, words)


def _text(schema: Schema) -> Type:
    if schema.get("contentEncoding") == "base64":
        return model.BYTES
    format_ = schema.get("format")
    if isinstance(format_, str) and format_ in _READ_FORMATS:
        return _READ_FORMATS[format_]
    words = _limits(schema, "Length")
    if isinstance(format_, str):
        format_ = _SYNONYMS.get(format_, format_)
        if format_ in FORMATS:
            words["format"] = format_
    of = _kept(model.STRING, words)
    pattern = schema.get("pattern")
    return _kept(of, {"pattern": pattern}) if isinstance(pattern, str) else of


def _limits(schema: Schema, what: str) -> Schema:
    found = {"min_length": schema.get(f"min{what}"), "max_length": schema.get(f"max{what}")}
    return {word: value for word, value in found.items() if type(value) is int and value >= 0}


def _kept(of: Type, words: Schema) -> Type:
    """Add constraints; what does not fit (a pattern with look-around) is left out."""
    try:
        return constrain(of, words) if words else of
    except ConstraintError:
        return of


def _type_name(reference: str) -> str:
    name = reference.rpartition("/")[2]
    return name if name.isidentifier() and name[:1].isupper() else ""
