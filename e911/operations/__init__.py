"""Questions and orders of E911 that reach a provider.

Each kind has one function that pages, files and schedules submit it by; all of them return the
`Job` to follow and raise `portal.jobs.NotAccepted` with sentences where something stands against it.

    validate(check, *, actor, key)                       e911.validate
    provision(check, *, numbers, actor, key)             e911.provision    set or change
    restore(record, *, actor, key)                       e911.restore      the last valid address
    remove(records, *, actor, reason, key)               e911.remove
    read(records, *, actor)                              e911.read
    read_history(record, *, actor)                       e911.read_history
    sync(account, *, actor)                              e911.sync
    read_alerts(record), add_alert(record, email=…), remove_alert(contact)
    read_locations(record), add_location(record, check), provision_location(kept), remove_location(kept)

`provision` takes the numbers of one account, that of its check. `remove` and `read` take records of
one account.
"""

from e911.operations.alert_lists import SetAlerts
from e911.operations.alerts import (
    AddAlert,
    ReadAlerts,
    RemoveAlert,
    RemoveAlerts,
    add_alert,
    add_alerts,
    read_alerts,
    remove_alert,
    remove_alerts,
)
from e911.operations.locations import (
    AddLocation,
    ProvisionLocation,
    ReadLocations,
    RemoveLocation,
    add_location,
    provision_location,
    read_locations,
    remove_location,
)
from e911.operations.provisioning import ProvisionAddress, provision, provision_many
from e911.operations.reading import ReadHistory, ReadRecord, read, read_history
from e911.operations.removal import RemoveRecord, remove
from e911.operations.restoration import RestoreAddress, restore
from e911.operations.syncing import SyncRecords, push, sync_records
from e911.operations.validation import ValidateAddress, validate, validate_many

__all__ = [
    "AddAlert",
    "AddLocation",
    "ProvisionAddress",
    "ProvisionLocation",
    "ReadAlerts",
    "ReadHistory",
    "ReadLocations",
    "ReadRecord",
    "RemoveAlert",
    "RemoveAlerts",
    "RemoveLocation",
    "RemoveRecord",
    "RestoreAddress",
    "SetAlerts",
    "SyncRecords",
    "ValidateAddress",
    "add_alert",
    "add_alerts",
    "add_location",
    "provision",
    "provision_location",
    "provision_many",
    "push",
    "read",
    "read_alerts",
    "read_history",
    "read_locations",
    "remove",
    "remove_alert",
    "remove_alerts",
    "remove_location",
    "restore",
    "sync_records",
    "validate",
    "validate_many",
]
