"""Custom Toll Free: the customer records of a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.custom_toll_free.client import CustomTollFreeClient
from portal.providers.custom_toll_free.mapping import customer, records
from portal.providers.dto import Outcome
from portal.providers.dto.tollfree import AreaOfService, CustomerRecord, Destination
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage
from tests.providers.calls.custom_toll_free_tollfree import (
    TEMPLATE,
    Call,
    expired,
    foreign,
    held,
    new,
    on,
    refusal,
    spare,
    waiting,
    working,
)

RECORD = customer.write_record(
    CustomerRecord(
        service_order="SO00017",
        area=AreaOfService(networks=("US",)),
        inter_carriers=("0288",),
        destinations=(Destination(number="2125550142", lso="212555"),),
    )
)


def version_of(stage: Stage, tn: TN) -> int:
    """Return the version of a number's latest record."""
    (record, *_) = records.record_summaries(stage.helper.queryrecord(tn))
    assert record.version is not None
    return record.version


def _copy_parts(stage: Stage) -> Call:
    source, (tn, effective) = working(stage), waiting(stage)
    version = version_of(stage, tn)

    def call(client: CustomTollFreeClient) -> Any:
        answer = client.copyrecord(
            tn,
            source=source,
            reqref=new(),
            effective=effective,
            parts=["CAD", "CPR"],
            overwrite_version=version,
        )
        return records.changed(tn, answer, "").code

    return call


def _update(action: str) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        tn, effective = waiting(stage)
        version = version_of(stage, tn)

        def call(client: CustomTollFreeClient) -> Any:
            answer = client.updaterecord(
                tn,
                record=RECORD,
                reqref=new(),
                effective=effective,
                action=action,
                version=version,
            )
            judge = records.deleted(tn, answer)
            return judge if action == "delete" else records.changed(tn, answer, "")

        return call

    return arrange


EXAMPLES = (
    Example(
        operation="queryrecord",
        arrange=on(working, lambda c, tn: records.record_summaries(c.queryrecord(tn))),
        holds=lambda found: [record.status for record in found] == ["ACTIVE"],
    ),
    Example(
        operation="retrieve",
        arrange=on(working, lambda c, tn: (tn, customer.read_record(c.retrieve(tn)))),
        holds=lambda told: told[1].tn == told[0] and told[1].routing is not None,
    ),
    Example(
        operation="retrieve",
        label="in part",
        arrange=on(working, lambda c, tn: customer.read_record(c.retrieve(tn, parts=["CAD"]))),
        holds=lambda record: record.service_order == "SBDEF0001" and record.routing is None,
    ),
    Example(
        operation="copyrecord",
        arrange=on(
            held,
            lambda c, tn: (
                records.changed(tn, c.copyrecord(tn, source=TEMPLATE, reqref=new()), "").code
            ),
        ),
        holds=lambda status: status == "SENDING",
    ),
    Example(
        operation="copyrecord",
        label="parts over a waiting record",
        arrange=_copy_parts,
        holds=lambda status: status == "PENDING",
    ),
    Example(
        operation="updaterecord",
        arrange=on(
            held,
            lambda c, tn: (
                records.changed(tn, c.updaterecord(tn, record=RECORD, reqref=new()), "").code
            ),
        ),
        holds=lambda status: status == "SENDING",
    ),
    Example(
        operation="updaterecord",
        label="change",
        arrange=_update("change"),
        holds=lambda told: told.code == "PENDING" and told.outcome == Outcome.SUCCEEDED,
    ),
    Example(
        operation="updaterecord",
        label="delete",
        arrange=_update("delete"),
        holds=lambda told: told.outcome == Outcome.SUCCEEDED,
    ),
)


def _locked(stage: Stage) -> Call:
    tn = held(stage)
    stage.sandbox.control("fault", provider=stage.slug, operation="copyrecord", fault="locked")
    return lambda c: c.copyrecord(tn, source=TEMPLATE, reqref=new())


def _edited(stage: Stage) -> Call:
    tn, effective = waiting(stage)
    version = version_of(stage, tn) + 1
    return lambda c: c.copyrecord(
        tn, source=TEMPLATE, reqref=new(), effective=effective, overwrite_version=version
    )


def _live(stage: Stage) -> Call:
    tn = working(stage)
    version = version_of(stage, tn)
    return lambda c: c.updaterecord(
        tn, record=RECORD, reqref=new(), action="change", version=version
    )


REFUSALS: tuple[Refusal, ...] = (
    refusal("queryrecord", "invalid_status", on(spare, lambda c, tn: c.queryrecord(tn))),
    refusal("retrieve", "record_not_found", on(held, lambda c, tn: c.retrieve(tn))),
    refusal("retrieve", "not_controlling_resporg", on(foreign, lambda c, tn: c.retrieve(tn))),
    refusal(
        "copyrecord",
        "template_not_found",
        on(held, lambda c, tn: c.copyrecord(tn, source="*SBNOWHERE", reqref=new())),
    ),
    refusal(
        "copyrecord",
        "reservation_expired",
        on(expired, lambda c, tn: c.copyrecord(tn, source=TEMPLATE, reqref=new())),
    ),
    refusal("copyrecord", "record_locked", _locked),
    refusal("copyrecord", "version_conflict", _edited),
    refusal(
        "updaterecord",
        "invalid_record",
        on(held, lambda c, tn: c.updaterecord(tn, record="<record/>", reqref=new())),
    ),
    refusal("updaterecord", "invalid_status", _live),
)
