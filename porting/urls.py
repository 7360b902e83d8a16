"""Addresses of porting."""

from __future__ import annotations

from django.urls import path

from porting.views import acts, desk, order, outs, own, papers, send, start, words

app_name = "porting"

urlpatterns = [
    path("ports/", desk.port_board, name="port-board"),
    path("ports/list/", desk.port_list, name="port-list"),
    path("ports/export/", desk.port_export, name="port-export"),
    path("ports/new/", start.preflight_new, name="preflight-new"),
    path("ports/checks/", start.preflight_list, name="preflight-list"),
    path("ports/checks/<int:pk>/", start.preflight_detail, name="preflight-detail"),
    path("ports/checks/<int:pk>/orders/", start.preflight_orders, name="preflight-orders"),
    path("ports/checks/<int:pk>/discard/", start.preflight_discard, name="preflight-discard"),
    path("ports/checks/<int:pk>/aside/", start.preflight_aside, name="preflight-aside"),
    path("ports/own/", own.own_new, name="own-new"),
    path("ports/out/", outs.port_out_list, name="port-out-list"),
    path("ports/out/export/", outs.port_out_export, name="port-out-export"),
    path("ports/out/look/", outs.port_out_look, name="port-out-look"),
    path("ports/out/new/", outs.port_out_new, name="port-out-new"),
    path("ports/out/pins/", outs.pin_new, name="pin-new"),
    path("ports/out/<int:pk>/", outs.port_out_detail, name="port-out-detail"),
    path("ports/out/<int:pk>/move/<slug:to>/", outs.port_out_move, name="port-out-move"),
    path("ports/out/<int:pk>/follow/", outs.port_out_follow, name="port-out-follow"),
    path("ports/words/", words.word_list, name="word-list"),
    path("ports/words/<int:pk>/", words.word_edit, name="word-edit"),
    path("ports/rejections/", words.rejection_list, name="rejection-list"),
    path("ports/rules/", words.rule_list, name="rule-list"),
    path("ports/<int:pk>/", order.port_detail, name="port-detail"),
    path("ports/<int:pk>/live/", order.port_live, name="port-live"),
    path("ports/<int:pk>/numbers/", order.port_lines, name="port-lines"),
    path("ports/<int:pk>/numbers/<int:line>/remove/", order.line_remove, name="line-remove"),
    path("ports/<int:pk>/edit/", order.port_edit, name="port-edit"),
    path("ports/<int:pk>/presets/", order.port_presets, name="port-presets"),
    path("ports/<int:pk>/submit/", send.port_submit, name="port-submit"),
    path("ports/<int:pk>/poll/", send.port_poll, name="port-poll"),
    path("ports/<int:pk>/check/", send.port_check, name="port-check"),
    path("ports/<int:pk>/match/", send.port_match, name="port-match"),
    path("ports/<int:pk>/move/<slug:to>/", acts.port_move, name="port-move"),
    path("ports/<int:pk>/correct/", acts.port_correct, name="port-correct"),
    path("ports/<int:pk>/date/", acts.port_date, name="port-date"),
    path("ports/<int:pk>/ticket/", acts.port_ticket, name="port-ticket"),
    path("ports/<int:pk>/letter/", papers.letter, name="letter"),
    path("ports/<int:pk>/letter/sign/", papers.letter_sign, name="letter-sign"),
    path("ports/<int:pk>/letter/sent/", papers.letter_sent, name="letter-sent"),
    path("ports/<int:pk>/documents/", papers.document_add, name="document-add"),
    path("ports/<int:pk>/documents/<int:document>/", papers.document, name="document"),
    path("ports/<int:pk>/notes/", papers.note_add, name="note-add"),
    path("ports/<int:pk>/mails/<int:mail>/", papers.mail, name="mail"),
    path("ports/<int:pk>/own/", own.own_edit, name="own-edit"),
    path("ports/<int:pk>/send/", own.own_send, name="own-send"),
]
