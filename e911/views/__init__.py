"""One function per page or fragment."""

from e911.views.alerts import (
    alert_add,
    alert_read,
    alert_remove,
    kept_add,
    kept_change,
    kept_list,
)
from e911.views.deeds import (
    history_read,
    record_keep,
    record_require,
    record_restore,
    record_waive,
    test_log,
)
from e911.views.differences import difference_export, difference_list, difference_repair
from e911.views.gaps import gap_do, gap_export, gap_report, orphan_list
from e911.views.locations import (
    location_archive,
    location_detail,
    location_edit,
    location_list,
    location_new,
)
from e911.views.moving import location_move
from e911.views.own import own_list
from e911.views.records import (
    record_detail,
    record_export,
    record_list,
    record_live,
    record_refresh,
    record_sync,
)
from e911.views.removal import record_remove
from e911.views.setting import check_accept, check_list, check_provision, record_set

__all__ = [
    "alert_add",
    "alert_read",
    "alert_remove",
    "check_accept",
    "check_list",
    "check_provision",
    "difference_export",
    "difference_list",
    "difference_repair",
    "gap_do",
    "gap_export",
    "gap_report",
    "history_read",
    "kept_add",
    "kept_change",
    "kept_list",
    "location_archive",
    "location_detail",
    "location_edit",
    "location_list",
    "location_move",
    "location_new",
    "orphan_list",
    "own_list",
    "record_detail",
    "record_export",
    "record_keep",
    "record_list",
    "record_live",
    "record_refresh",
    "record_remove",
    "record_require",
    "record_restore",
    "record_set",
    "record_sync",
    "record_waive",
    "test_log",
]
