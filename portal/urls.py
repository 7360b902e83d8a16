"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal import views

app_patterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("jobs/", views.job_list, name="job-list"),
    path("jobs/open/", views.open_jobs, name="job-open"),
    path("jobs/<int:pk>/", views.job_detail, name="job-detail"),
    path("jobs/<int:pk>/status/", views.job_status, name="job-status"),
    path("jobs/<int:pk>/cancel/", views.job_cancel, name="job-cancel"),
    path("jobs/<int:pk>/hurry/", views.job_hurry, name="job-hurry"),
    path("jobs/<int:pk>/retry/", views.job_retry, name="job-retry"),
    path("jobs/<int:pk>/review/", views.job_review, name="job-review"),
    path("jobs/<int:pk>/rows.csv", views.job_rows_csv, name="job-rows-csv"),
    path("exchanges/<int:pk>/", views.exchange_detail, name="exchange-detail"),
    path("customers/", views.customer_list, name="customer-list"),
    path("providers/", views.provider_list, name="provider-list"),
    path("providers/add/", views.provider_add, name="provider-add"),
    path("providers/<int:pk>/", views.provider_detail, name="provider-detail"),
    path("providers/<int:pk>/edit/", views.provider_edit, name="provider-edit"),
    path("providers/<int:pk>/test/", views.provider_test, name="provider-test"),
    path("providers/<int:pk>/pause/", views.provider_pause, name="provider-pause"),
    path("providers/<int:pk>/resume/", views.provider_resume, name="provider-resume"),
    path("providers/<int:pk>/statement/", views.statement, name="statement"),
    path("providers/<int:pk>/refresh/", views.statement_refresh, name="statement-refresh"),
    path("providers/<int:pk>/calls/", views.call_list, name="call-list"),
    path("providers/<int:pk>/calls/export/", views.call_export, name="call-export"),
    path("providers/sign-up/", views.provider_sign_up, name="provider-sign-up"),
    path("providers/<int:pk>/profile/", views.account_settings, name="account-settings"),
    path("providers/<int:pk>/recover/", views.account_recover, name="account-recover"),
    path("providers/<int:pk>/accounts/", views.subaccount_list, name="subaccount-list"),
    path("providers/<int:pk>/accounts/new/", views.subaccount_new, name="subaccount-new"),
    path("jobs/<int:pk>/password/", views.job_password, name="job-password"),
    path("uploads/", views.upload_list, name="upload-list"),
    path("uploads/new/", views.upload_new, name="upload-new"),
    path("uploads/template/<slug:slug>.csv", views.upload_template, name="upload-template"),
    path("uploads/<int:pk>/", views.upload_detail, name="upload-detail"),
    path("uploads/<int:pk>/status/", views.upload_status, name="upload-status"),
    path("uploads/<int:pk>/columns/", views.upload_mapping, name="upload-mapping"),
    path("uploads/<int:pk>/check/", views.upload_check, name="upload-check"),
    path("uploads/<int:pk>/run/", views.upload_run, name="upload-run"),
    path("uploads/<int:pk>/wait/", views.upload_wait, name="upload-wait"),
    path("uploads/<int:pk>/cancel/", views.upload_cancel, name="upload-cancel"),
    path("uploads/<int:pk>/accept/", views.upload_accept, name="upload-accept"),
    path("uploads/<int:pk>/undo/", views.upload_undo, name="upload-undo"),
    path("uploads/<int:pk>/rows.csv", views.upload_rows_csv, name="upload-rows-csv"),
    path("tickets/", views.ticket_list, name="ticket-list"),
    path("tickets/export/", views.ticket_export, name="ticket-export"),
    path("tickets/ask/", views.ticket_sync, name="ticket-sync"),
    path("tickets/new/", views.ticket_new, name="ticket-new"),
    path("tickets/<int:pk>/", views.ticket_detail, name="ticket-detail"),
    path("tickets/<int:pk>/reply/", views.ticket_reply, name="ticket-reply"),
    path("tickets/<int:pk>/status/", views.ticket_status, name="ticket-status"),
    path("tickets/<int:pk>/link/", views.ticket_link, name="ticket-link"),
    path("tickets/<int:pk>/refresh/", views.ticket_refresh, name="ticket-refresh"),
    path("tickets/<int:pk>/delete/", views.ticket_delete, name="ticket-delete"),
    path("approvals/", views.approval_list, name="approval-list"),
    path("approvals/<int:pk>/", views.approval_detail, name="approval-detail"),
    path("approvals/<int:pk>/approve/", views.approval_approve, name="approval-approve"),
    path("approvals/<int:pk>/refuse/", views.approval_refuse, name="approval-refuse"),
    path("approvals/<int:pk>/withdraw/", views.approval_withdraw, name="approval-withdraw"),
    path("audit/", views.audit_list, name="audit-list"),
    path("audit/export/", views.audit_export, name="audit-export"),
    path("security/", views.security, name="security"),
]

urlpatterns = [
    path("", include((app_patterns, "portal"))),
    path("", include("inventory.urls")),
    path("", include("porting.urls")),
    path("", include("e911.urls")),
    # An administrator gives the address that somebody signs in with; nobody changes his own.
    path(
        "accounts/email/",
        RedirectView.as_view(pattern_name="portal:security"),
        name="account_email_closed",
    ),
    path("accounts/", include("allauth.urls")),
    path("back-office/", admin.site.urls),
]
