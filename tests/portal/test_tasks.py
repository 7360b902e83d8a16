"""Scheduled entries: every one exists, and housekeeping keeps what is in use."""

from datetime import timedelta

from axes.models import AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.celery import app
from portal.tasks import keep_house


def test_every_scheduled_entry_is_a_task_that_exists():
    app.loader.import_default_modules()
    missing = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} - set(app.tasks)
    assert not missing


def test_housekeeping_drops_what_has_ended(db):
    now = timezone.now()
    for name, days in (("gone", -1), ("alive", 1)):
        Session.objects.create(
            session_key=name, session_data="", expire_date=now + timedelta(days=days)
        )
    for name, days in (("long ago", 100), ("lately", 10)):
        log = AccessLog.objects.create(username=name, ip_address="192.0.2.1", user_agent="x")
        AccessLog.objects.filter(pk=log.pk).update(attempt_time=now - timedelta(days=days))
    keep_house()
    assert [row.session_key for row in Session.objects.all()] == ["alive"]
    assert [row.username for row in AccessLog.objects.all()] == ["lately"]
