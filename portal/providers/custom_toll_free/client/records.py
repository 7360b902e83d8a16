"""Customer records: listed, read, copied, written (custom-toll-free.md 7.6, 7.7, 7.10, 7.11)."""

from __future__ import annotations

from collections.abc import Sequence

from portal.providers.custom_toll_free.client.core import (
    Core,
    Effective,
    check,
    is_line,
    is_template,
    moment_text,
    number_text,
    optional_fields,
    parts_field,
)
from portal.providers.custom_toll_free.envelope import Answer
from portal.tn import TN


class Records(Core):
    """The operations on records."""

    def queryrecord(self, tn: TN, *, start: str = "") -> Answer:
        """Return up to ten record summaries of a number; `start` is the cursor of the next page."""
        check(is_line(start), "A cursor is one word of an earlier answer.")
        fields = [*self._acting(), ("number", number_text(tn)), *optional_fields(start=start)]
        return self._read("queryrecord", fields)

    def retrieve(self, tn: TN, *, effective: Effective = None, parts: Sequence[str] = ()) -> Answer:
        """Return one whole record; without a time the provider picks the live one (section 4.5)."""
        fields = [*self._acting(), ("number", number_text(tn)), *parts_field(parts)]
        if effective is not None:
            fields.append(("effective", moment_text(effective)))
        return self._read("retrieve", fields)

    def copyrecord(
        self,
        tn: TN,
        *,
        source: str | TN,
        reqref: str,
        source_effective: Effective = None,
        effective: Effective = None,
        parts: Sequence[str] = (),
        overwrite_version: int | None = None,
    ) -> Answer:
        """Copy the record of a template or of another number onto `tn`.

        Overwrites an existing record only where its version is given.
        """
        if isinstance(source, TN):
            origin = number_text(source)
        else:
            check(is_template(source), "A template name is * and 2 to 14 characters.")
            origin = source
        fields = [
            ("number", number_text(tn)),
            ("source", origin),
            ("effective", moment_text(effective)),
        ]
        if source_effective is not None:
            fields.append(("sourceeffective", moment_text(source_effective)))
        fields += parts_field(parts)
        if overwrite_version is not None:
            check(overwrite_version >= 0, "A record's version is counted from 0.")
            fields += [("overwrite", "1"), ("version", str(overwrite_version))]
        return self._write("copyrecord", fields, reqref=reqref)

    def updaterecord(
        self,
        tn: TN,
        *,
        record: str,
        reqref: str,
        effective: Effective = None,
        action: str = "create",
        version: int | None = None,
    ) -> Answer:
        """Create, change or delete a record; `record` is its XML (section 8)."""
        check(action in {"create", "change", "delete"}, "Create, change or delete a record.")
        check(record.lstrip().startswith("<record"), "A record is XML.")
        check(action == "create" or version is not None, "The record's version is needed.")
        fields = [
            ("number", number_text(tn)),
            ("record", record),
            ("effective", moment_text(effective)),
            ("action", action),
        ]
        if version is not None:
            check(version >= 0, "A record's version is counted from 0.")
            fields.append(("version", str(version)))
        return self._write("updaterecord", fields, reqref=reqref)
