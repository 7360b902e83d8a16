"""What the tags and filters show: numbers, states, times, fields, sort links, pictures."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.db import models
from django.http import QueryDict
from django.template import Context, Template
from django.utils import timezone

from inventory.models import CartLine, OrderLine, TelephoneNumber
from portal.models import Job, JobItem, ProviderAccount
from portal.templatetags import drawing, moments, status_words
from portal.templatetags import portal as tags


def draw(source: str, **context: object) -> str:
    """Return a template's text, drawn with the context."""
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+13125550142", "(312) 555-0142"),
        ("+442079460000", "+442079460000"),
        ("+1312555014", "+1312555014"),
        ("+1312555014x", "+1312555014x"),
        ("Chicago", "Chicago"),
        ("", ""),
        (None, ""),
    ],
)
def test_numbers_are_shown_as_people_read_them(value, shown):
    assert tags.tn(value) == shown


def test_copying_gives_e164_and_shows_the_readable_number():
    text = tags.copy_tn("+13125550142")
    assert 'data-copy="+13125550142"' in text
    assert "(312) 555-0142" in text


class TestChips:
    def test_a_chip_has_word_and_tone(self):
        assert tags.chip("Live", "ok") == '<span class="nd-chip nd-ok">Live</span>'

    def test_words_and_titles_are_escaped(self):
        text = tags.chip("<b>", "bad", '"<i>')
        assert "<b>" not in text
        assert "<i>" not in text
        assert "&lt;b&gt;" in text

    def test_an_unknown_tone_is_muted(self):
        assert "nd-muted" in tags.chip("x", "shiny")

    @pytest.mark.parametrize("tone", ["ok", "info", "warn", "bad"])
    def test_a_dot_without_a_word_still_says_its_tone(self, tone):
        assert 'class="visually-hidden"></span>' not in tags.chip("", tone)
        assert "nd-dot" in tags.chip("", tone)

    def test_the_kind_decides_what_a_word_means(self):
        assert "Not bought" in tags.status_chip("failed", "line")
        assert "Not held" in tags.status_chip("failed", "hold")
        assert ">Failed<" in tags.status_chip("failed")

    def test_an_unknown_word_is_muted_and_shown_as_it_is(self):
        assert tags.status_chip("REQUESTED_SUPP") == (
            '<span class="nd-chip nd-muted">REQUESTED_SUPP</span>'
        )

    def test_the_providers_own_word_shows_on_hover(self):
        assert 'title="PENDING"' in tags.status_chip("processing", "order", "PENDING")

    def test_objects_carry_their_word(self):
        assert "Outcome unknown" in tags.status_chip(JobItem(status="unknown"))
        assert "In service" in tags.status_chip(TelephoneNumber(state="in_service"))
        assert "Paused" in tags.status_chip(ProviderAccount(paused_at=timezone.now()))
        assert "Needs review" in tags.status_chip(Job(status="needs_review"))

    @pytest.mark.parametrize(
        ("kind", "choices"),
        [
            ("number", TelephoneNumber.State),
            ("sync", TelephoneNumber.Sync),
            ("job", Job.Status),
            ("item", JobItem.Status),
            ("line", OrderLine.Status),
            ("hold", CartLine.Hold),
        ],
    )
    def test_each_word_of_a_model_is_in_the_table(
        self, kind: str, choices: type[models.TextChoices]
    ):
        missing = set(choices.values) - set(status_words.KINDS[kind])
        assert not missing
        differing = {
            value: (label, status_words.KINDS[kind][value].label)
            for value, label in choices.choices
            if status_words.KINDS[kind][value].label != label
        }
        assert not differing

    def test_each_health_of_an_account_is_in_the_table(self):
        now = timezone.now()
        accounts = [
            ProviderAccount(),
            ProviderAccount(is_enabled=False),
            ProviderAccount(paused_at=now),
            ProviderAccount(failure_count=1),
            ProviderAccount(last_ok_at=now),
            ProviderAccount(breaker="open"),
            ProviderAccount(breaker="half_open"),
        ]
        assert {account.health for account in accounts} <= set(status_words.KINDS["health"])

    def test_every_tone_of_the_table_exists(self):
        tones = {look.tone for words in status_words.KINDS.values() for look in words.values()}
        assert tones <= set(status_words.TONES)


class TestTimes:
    @pytest.mark.parametrize(
        ("before", "long", "short"),
        [
            (timedelta(seconds=3), "just now", "now"),
            (timedelta(seconds=50), "1 min ago", "1 min"),
            (timedelta(minutes=4), "4 min ago", "4 min"),
            (timedelta(minutes=59, seconds=40), "1 h ago", "1 h"),
            (timedelta(hours=5), "5 h ago", "5 h"),
            (timedelta(hours=23, minutes=45), "1 d ago", "1 d"),
            (timedelta(days=3), "3 d ago", "3 d"),
            (-timedelta(minutes=14, seconds=1), "in 14 min", "14 min"),
        ],
    )
    def test_distances(self, before, long, short):
        moment = timezone.now() - before
        assert f">{long}<" in tags.ago(moment)
        assert f">{short}<" in tags.ago(moment, "short")

    def test_after_a_week_the_date_is_shown(self):
        moment = timezone.now() - timedelta(days=400)
        assert f", {moment.year}<" in tags.ago(moment)

    def test_the_exact_time_stands_in_the_users_zone_with_the_zone(self):
        moment = datetime.fromisoformat("2026-03-03T17:04:05+00:00")
        with timezone.override("America/Chicago"):
            text = tags.ago(moment)
        assert 'title="Mar 3, 2026, 11:04:05 CST"' in text
        assert 'datetime="2026-03-03T11:04:05-06:00"' in text

    def test_inside_one_moment_all_are_told_from_the_same_now(self, monkeypatch):
        moment = timezone.now() - timedelta(minutes=4)
        with timezone.override("America/Chicago"), moments.at_one_moment():
            first = tags.ago(moment)
            monkeypatch.setattr(moments.time, "time", lambda: moment.timestamp() + 3600)
            assert tags.ago(moment) == first
        assert ">1 h ago<" in tags.ago(moment)

    def test_nothing_is_said_in_words(self):
        assert ">never<" in tags.ago(None)
        assert ">not yet<" in tags.ago(None, "long", "not yet")

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (None, ""),
            (0.42, "0.4 s"),
            (12, "12 s"),
            (89, "89 s"),
            (timedelta(minutes=15), "15 min"),
            (2 * 3600, "2 h"),
            (2 * 3600 + 300, "2 h 5 min"),
            (timedelta(days=3), "3 d"),
        ],
    )
    def test_lengths(self, value, shown):
        assert tags.duration(value) == shown


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Edge 141 on Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari 18 on iPhone",
        ),
        ("curl/8.5.0", "curl"),
        ("<script>/1", "&lt;script&gt;"),
        ("", "not told"),
    ],
)  # fmt: skip
def test_browsers_are_named_in_words(told, shown):
    assert f">{shown}<" in tags.browser(told)


class TestSortLinks:
    def link(self, address: str, tag: str, **context: object) -> str:
        request = SimpleNamespace(GET=QueryDict(address))
        return draw(tag, request=request, **context)

    def test_a_first_click_sorts_and_keeps_filters_but_not_the_place(self):
        text = self.link("state=stock&after=abc&last=1", '{% sort_link "tn" "Number" %}')
        assert 'href="?state=stock&amp;sort=tn"' in text
        assert "sorted" not in text

    def test_a_second_click_turns_round_and_says_so(self):
        text = self.link("sort=tn", '{% sort_link "tn" "Number" %}')
        assert 'href="?sort=-tn"' in text
        assert "sorted ascending" in text

    def test_a_third_click_turns_back(self):
        text = self.link("sort=-tn", '{% sort_link "tn" "Number" %}')
        assert 'href="?sort=tn"' in text
        assert "sorted descending" in text

    def test_the_page_knows_the_sort_better_than_the_address(self):
        page = SimpleNamespace(sort="-tn")
        text = self.link("sort=nonsense", '{% sort_link "tn" "Number" %}', page=page)
        assert "sorted descending" in text

    def test_with_a_target_only_that_is_swapped(self):
        text = self.link("", '{% sort_link "tn" "Number" "#tn-table" %}')
        assert 'hx-target="#tn-table"' in text
        assert 'hx-get="?sort=tn"' in text

    def test_what_the_address_holds_is_escaped(self):
        assert "<script>" not in self.link('q="><script>', '{% sort_link "tn" "Number" %}')


class NumberForm(forms.Form):
    """A field of each kind."""

    label = forms.CharField(help_text="Shown to the customer.")
    note = forms.CharField(required=False, widget=forms.TextInput(attrs={"placeholder": "Note"}))
    state = forms.ChoiceField(choices=[("stock", "Stock")])
    keep = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[("l", "Local")], widget=forms.RadioSelect)


class TestFields:
    def test_label_help_and_errors_belong_to_the_field(self):
        text = draw("{% field form.label %}", form=NumberForm({}))
        assert '<label for="id_label">' in text
        assert 'aria-describedby="id_label_help id_label_error"' in text
        assert 'aria-invalid="true"' in text
        assert 'id="id_label_error"' in text
        assert "This field is required." in text

    def test_without_help_and_errors_nothing_is_pointed_at(self):
        text = draw("{% field form.note %}", form=NumberForm())
        assert "aria-describedby" not in text
        assert "optional" in text

    def test_a_placeholder_that_repeats_the_label_is_dropped(self):
        assert "placeholder" not in draw("{% field form.note %}", form=NumberForm())
        assert 'placeholder="Note"' in draw(
            '{% field form.note label="Remark" %}',
            form=type("Other", (NumberForm,), {"note": forms.CharField(
                label="Words", widget=forms.TextInput(attrs={"placeholder": "Note"})
            )})(),
        )  # fmt: skip

    def test_each_kind_of_widget_has_its_class(self):
        form = NumberForm()
        assert 'class="form-control"' in draw("{% field form.label %}", form=form)
        assert 'class="form-select"' in draw("{% field form.state %}", form=form)
        assert 'class="form-check-input"' in draw("{% field form.keep %}", form=form)
        assert "<legend>Kind" in draw("{% field form.kind %}", form=form)

    def test_help_can_be_replaced_and_taken_away(self):
        form = NumberForm()
        assert "Other help" in draw('{% field form.label help_text="Other help" %}', form=form)
        assert "nd-help" not in draw('{% field form.label help_text="" %}', form=form)

    def test_the_summary_links_to_each_wrong_field(self):
        text = draw('{% include "portal/_form_fields.html" %}', form=NumberForm({}))
        assert 'href="#id_label"' in text
        assert 'href="#id_state"' in text
        assert 'href="#id_note"' not in text
        assert 'role="alert"' in text


class TestPictures:
    def test_progress_says_its_figures_and_shares_out_the_width(self):
        text = drawing.progress_bar(6, 2, 10, 1)
        assert 'aria-label="6 done, 2 failed, 1 unknown, 1 left"' in text
        assert 'x="0.00" y="0" width="60.00"' in text
        assert 'x="60.00" y="0" width="20.00"' in text
        assert 'x="80.00" y="0" width="10.00"' in text

    def test_progress_of_nothing_is_empty(self):
        text = drawing.progress_bar(0, 0, 0)
        assert "<rect" not in text
        assert "nothing to do" in text

    def test_progress_never_exceeds_its_frame(self):
        assert 'width="100.00"' in drawing.progress_bar(12, 0, 10)

    @pytest.mark.parametrize(
        ("value", "whole", "width"), [(3, 6, "50.00"), (9, 6, "100.00"), (-1, 6, "0.00"), (1, 0, "0.00")]
    )  # fmt: skip
    def test_a_meter_stays_between_nothing_and_all(self, value, whole, width):
        assert f'width="{width}"' in drawing.meter(value, whole)

    def test_a_spark_needs_two_values(self):
        assert drawing.spark([5]) == ""
        assert 'points="0.0,22.0 50.0,12.0 100.0,2.0"' in drawing.spark([1, 2, 3])


def test_icons_are_decoration_unless_named():
    assert 'aria-hidden="true"' in tags.icon("copy")
    named = tags.icon("copy", "Copy")
    assert "aria-hidden" not in named
    assert 'aria-label="Copy"' in named
