"""Addresses of E911."""

from __future__ import annotations

from django.urls import path

from e911 import views

app_name = "e911"

urlpatterns = [
    path("e911/", views.record_list, name="record-list"),
    path("e911/export/", views.record_export, name="record-export"),
    path("e911/sync/", views.record_sync, name="record-sync"),
    path("e911/own/", views.own_list, name="own-list"),
    path("e911/set/", views.record_set, name="record-set"),
    path("e911/remove/", views.record_remove, name="record-remove"),
    path("e911/checks/", views.check_list, name="check-list"),
    path("e911/checks/accept/", views.check_accept, name="check-accept"),
    path("e911/checks/provision/", views.check_provision, name="check-provision"),
    path("e911/gaps/", views.gap_report, name="gap-report"),
    path("e911/gaps/export/", views.gap_export, name="gap-export"),
    path("e911/gaps/<slug:name>/", views.gap_do, name="gap-do"),
    path("e911/orphans/", views.orphan_list, name="orphan-list"),
    path("e911/differences/", views.difference_list, name="difference-list"),
    path("e911/differences/export/", views.difference_export, name="difference-export"),
    path("e911/differences/<slug:name>/", views.difference_repair, name="difference-repair"),
    path("e911/locations/", views.location_list, name="location-list"),
    path("e911/locations/new/", views.location_new, name="location-new"),
    path("e911/locations/<int:pk>/", views.location_detail, name="location-detail"),
    path("e911/locations/<int:pk>/edit/", views.location_edit, name="location-edit"),
    path("e911/locations/<int:pk>/archive/", views.location_archive, name="location-archive"),
    path("e911/locations/<int:pk>/move/", views.location_move, name="location-move"),
    path("e911/<str:tn>/", views.record_detail, name="record-detail"),
    path("e911/<str:tn>/live/", views.record_live, name="record-live"),
    path("e911/<str:tn>/refresh/", views.record_refresh, name="record-refresh"),
    path("e911/<str:tn>/restore/", views.record_restore, name="record-restore"),
    path("e911/<str:tn>/waive/", views.record_waive, name="record-waive"),
    path("e911/<str:tn>/require/", views.record_require, name="record-require"),
    path("e911/<str:tn>/keep/", views.record_keep, name="record-keep"),
    path("e911/<str:tn>/history/", views.history_read, name="history-read"),
    path("e911/<str:tn>/alerts/add/", views.alert_add, name="alert-add"),
    path("e911/<str:tn>/alerts/read/", views.alert_read, name="alert-read"),
    path("e911/<str:tn>/alerts/<int:pk>/remove/", views.alert_remove, name="alert-remove"),
    path("e911/<str:tn>/kept/", views.kept_list, name="kept-list"),
    path("e911/<str:tn>/kept/add/", views.kept_add, name="kept-add"),
    path("e911/<str:tn>/kept/<int:pk>/", views.kept_change, name="kept-change"),
    path("e911/<str:tn>/tests/new/", views.test_log, name="test-log"),
]
