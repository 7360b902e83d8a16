"""Addresses of the inventory."""

from __future__ import annotations

from django.urls import path

from inventory import views
from inventory.lifecycle import VERBS
from inventory.views import groups, network, routes

app_name = "inventory"

urlpatterns = [
    path("numbers/", views.tn_list, name="tn-list"),
    path("numbers/count/", views.tn_count, name="tn-count"),
    path("numbers/paste/", views.tn_paste, name="tn-paste"),
    path("numbers/export/", views.tn_export, name="tn-export"),
    path("numbers/export/edit/", views.tn_export_edit, name="tn-export-edit"),
    path("numbers/unknown/", views.unknown_list, name="unknown-list"),
    path("numbers/release/", views.tn_release, name="tn-release"),
    path("numbers/views/", views.saved_list, name="saved-list"),
    path("numbers/views/new/", views.saved_new, name="saved-new"),
    path("numbers/views/<int:pk>/", views.saved_edit, name="saved-edit"),
    path("numbers/views/<int:pk>/delete/", views.saved_delete, name="saved-delete"),
    path("numbers/features/", views.feature_bulk, name="feature-bulk"),
    *[
        path(f"numbers/{verb}/", views.lifecycle, {"verb": verb}, name=f"tn-{verb}")
        for verb in VERBS
    ],
    path("numbers/refresh/", views.tn_refresh_many, name="tn-refresh-many"),
    path("numbers/edit/", views.tn_edit_many, name="tn-edit-many"),
    path("numbers/due/", views.due_list, name="due-list"),
    path("numbers/disconnects/", views.disconnect_report, name="disconnect-report"),
    path("numbers/<str:tn>/", views.tn_detail, name="tn-detail"),
    path("numbers/<str:tn>/live/", views.tn_live, name="tn-live"),
    path("numbers/<str:tn>/calls/", views.tn_calls, name="tn-calls"),
    path("numbers/<str:tn>/edit/", views.tn_edit, name="tn-edit"),
    path("numbers/<str:tn>/refresh/", views.tn_refresh, name="tn-refresh"),
    path("numbers/<str:tn>/features/<str:name>/", views.feature_change, name="feature-change"),
    path("changes/<int:pk>/undo/", views.feature_undo_page, name="feature-undo"),
    path("numbers/<str:tn>/history/", views.tn_history, name="tn-history"),
    path("customers/<int:pk>/history/", views.customer_history, name="customer-history"),
    path("drift/", views.finding_list, name="finding-list"),
    path("drift/export/", views.finding_export, name="finding-export"),
    path("drift/repair/<slug:name>/", views.finding_repair, name="finding-repair"),
    path("lookups/", views.lookup_list, name="lookup-list"),
    path("lookups/export/", views.lookup_export, name="lookup-export"),
    path("lookups/new/", views.lookup_new, name="lookup-new"),
    path("lookups/<int:pk>/", views.lookup_detail, name="lookup-detail"),
    path("lookups/<int:pk>/export/", views.lookup_rows_csv, name="lookup-rows-csv"),
    path("thresholds/", views.threshold_list, name="threshold-list"),
    path("thresholds/<int:pk>/", views.threshold_edit, name="threshold-edit"),
    path("thresholds/<int:pk>/remove/", views.threshold_remove, name="threshold-remove"),
    path("providers/<int:pk>/sync/", views.account_sync, name="account-sync"),
    path("find/", views.find, name="find"),
    path("find/stock/", views.find_stock, name="find-stock"),
    path("find/<int:pk>/", views.search_detail, name="search-detail"),
    path("find/<int:pk>/results/", views.search_results, name="search-results"),
    path("find/<int:pk>/export/", views.search_export, name="search-export"),
    path("find/<int:pk>/ask/", views.search_ask, name="search-ask"),
    path("find/<int:pk>/add/", views.cart_add, name="cart-add"),
    path("find/<int:pk>/add/all/", views.cart_add_all, name="cart-add-all"),
    path("find/<int:pk>/add/undo/", views.cart_add_undo, name="cart-add-undo"),
    path("cart/", views.cart, name="cart"),
    path("cart/lines/", views.cart_lines, name="cart-lines"),
    path("cart/remove/", views.cart_remove, name="cart-remove"),
    path("cart/restore/", views.cart_restore, name="cart-restore"),
    path("cart/routes/", views.cart_routes, name="cart-routes"),
    path("cart/hold/", views.cart_hold, name="cart-hold"),
    path("cart/presets/", views.preset_keep, name="preset-keep"),
    path("cart/presets/<int:pk>/", views.preset_use, name="preset-use"),
    path("cart/presets/<int:pk>/forget/", views.preset_drop, name="preset-drop"),
    path("cart/preview/", views.order_preview, name="order-preview"),
    path("orders/", views.order_list, name="order-list"),
    path("orders/export/", views.order_export, name="order-export"),
    path("orders/new/", views.order_place, name="order-place"),
    path("orders/<int:pk>/", views.order_detail, name="order-detail"),
    path("orders/<int:pk>/finish/", views.order_finish, name="order-finish"),
    path("orders/<int:pk>/welcome/", views.order_welcome, name="order-welcome"),
    path("orders/<int:pk>/export/", views.order_lines_export, name="order-lines-export"),
    path("orders/<int:pk>/lines/", views.order_lines, name="order-lines"),
]

# Around numbers: routes, groups, an account's network.
urlpatterns += [
    path("routes/", routes.route_list, name="route-list"),
    path("routes/export/", routes.route_export, name="route-export"),
    path("routes/refresh/", routes.route_refresh, name="route-refresh"),
    path("routes/<int:pk>/", routes.route_detail, name="route-detail"),
    path("routes/<int:pk>/refresh/", routes.route_read, name="route-read"),
    path("routes/<int:pk>/switch/", routes.route_switch, name="route-switch"),
    path("routes/<int:pk>/edit/", routes.gateway_edit, name="gateway-edit"),
    path("routes/<int:pk>/remove/", routes.gateway_remove, name="gateway-remove"),
    path("providers/<int:pk>/gateways/new/", routes.gateway_new, name="gateway-new"),
    path("groups/", groups.group_list, name="group-list"),
    path("groups/export/", groups.group_export, name="group-export"),
    path("groups/refresh/", groups.group_refresh, name="group-refresh"),
    path("groups/new/", groups.group_new, name="group-new"),
    path("groups/<int:pk>/", groups.group_detail, name="group-detail"),
    path("groups/<int:pk>/refresh/", groups.group_read, name="group-read"),
    path("groups/<int:pk>/move/", groups.group_move, name="group-move"),
    path("providers/<int:pk>/network/", network.network_detail, name="network-detail"),
    path("providers/<int:pk>/network/refresh/", network.network_refresh, name="network-refresh"),
    path("providers/<int:pk>/network/allow/", network.access_add, name="access-add"),
    path("providers/<int:pk>/network/forbid/", network.access_remove, name="access-remove"),
    path("providers/<int:pk>/network/sign-in/", network.sign_in_mode, name="sign-in-mode"),
    path("providers/<int:pk>/network/password/", network.sign_in_password, name="sign-in-password"),
    path(
        "providers/<int:pk>/abroad/<slug:digits>/release/",
        network.abroad_release,
        name="abroad-release",
    ),
]
