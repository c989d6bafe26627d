"""The data of a finding, shared by every floor above."""

from flowlang.diagnostics.model import Diagnostic, Edit, Fix, Related, sort_key

__all__ = ["Diagnostic", "Edit", "Fix", "Related", "sort_key"]
