"""One function per page or fragment."""

from inventory.views.assign import customer_history, due_list, tn_history
from inventory.views.cart import (
    cart,
    cart_add,
    cart_add_all,
    cart_add_undo,
    cart_hold,
    cart_lines,
    cart_remove,
    cart_restore,
    cart_routes,
)
from inventory.views.drift import finding_export, finding_list, finding_repair, unknown_list
from inventory.views.features import feature_bulk, feature_change, feature_undo_page
from inventory.views.file_export import tn_export_edit
from inventory.views.find import (
    find,
    find_stock,
    search_ask,
    search_detail,
    search_export,
    search_results,
)
from inventory.views.lifecycle import lifecycle, tn_edit_many
from inventory.views.lookups import (
    lookup_detail,
    lookup_export,
    lookup_list,
    lookup_new,
    lookup_rows_csv,
)
from inventory.views.number import (
    tn_calls,
    tn_detail,
    tn_edit,
    tn_live,
    tn_refresh,
    tn_release,
)
from inventory.views.numbers import tn_count, tn_export, tn_list, tn_paste
from inventory.views.orders import (
    order_detail,
    order_export,
    order_finish,
    order_lines,
    order_lines_export,
    order_list,
    order_place,
    order_preview,
    order_welcome,
)
from inventory.views.presets import preset_drop, preset_keep, preset_use
from inventory.views.refresh import tn_refresh_many
from inventory.views.report import disconnect_report
from inventory.views.saved import saved_delete, saved_edit, saved_list, saved_new
from inventory.views.sync import account_sync
from inventory.views.thresholds import threshold_edit, threshold_list, threshold_remove

__all__ = [
    "account_sync",
    "cart",
    "cart_add",
    "cart_add_all",
    "cart_add_undo",
    "cart_hold",
    "cart_lines",
    "cart_remove",
    "cart_restore",
    "cart_routes",
    "customer_history",
    "disconnect_report",
    "due_list",
    "feature_bulk",
    "feature_change",
    "feature_undo_page",
    "find",
    "find_stock",
    "finding_export",
    "finding_list",
    "finding_repair",
    "lifecycle",
    "lookup_detail",
    "lookup_export",
    "lookup_list",
    "lookup_new",
    "lookup_rows_csv",
    "order_detail",
    "order_export",
    "order_finish",
    "order_lines",
    "order_lines_export",
    "order_list",
    "order_place",
    "order_preview",
    "order_welcome",
    "preset_drop",
    "preset_keep",
    "preset_use",
    "saved_delete",
    "saved_edit",
    "saved_list",
    "saved_new",
    "search_ask",
    "search_detail",
    "search_export",
    "search_results",
    "threshold_edit",
    "threshold_list",
    "threshold_remove",
    "tn_calls",
    "tn_count",
    "tn_detail",
    "tn_edit",
    "tn_edit_many",
    "tn_export",
    "tn_export_edit",
    "tn_history",
    "tn_list",
    "tn_live",
    "tn_paste",
    "tn_refresh",
    "tn_refresh_many",
    "tn_release",
    "unknown_list",
]
