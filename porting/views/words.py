"""What providers say and why carriers refuse: words, rejections, and the rules of the desk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.access import Request, get_visible_or_404, requires
from porting import clock, order_page, rejections, services, words_page
from porting.forms.words import WordForm
from porting.models import PortOrder, ProviderWord, moves

WORDS = "porting.view_providerword"
MONTHS_AHEAD = 2


@requires(WORDS)
def word_list(request: Request) -> HttpResponse:
    """Return the words of providers: those that nobody explained first, then what we know."""
    context = words_page.context(request.user)
    context["can_change"] = request.user.has_perm("porting.change_providerword")
    return render(request, "porting/word_list.html", context)


@requires("porting.change_providerword")
def word_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take what a word means from now on."""
    word = get_visible_or_404(ProviderWord, request.user, pk=pk)
    initial = {"meaning": word.meaning, "note": word.note}
    form = WordForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.decide_word(word, given["meaning"], actor=request.user, note=given["note"])
        messages.success(request, f"“{word}” means “{word.get_meaning_display()}” from now on.")
        return redirect("porting:word-list")
    orders = PortOrder.objects.visible_to(request.user).for_list()
    context = {
        "word": word,
        "form": form,
        "orders": orders.filter(account__slug=word.slug, provider_word=word.word)[:10],
    }
    return render(request, "porting/word_form.html", context, status=422 if form.is_bound else 200)


@requires(WORDS)
def rejection_list(request: Request) -> HttpResponse:
    """Return the dictionary of rejections, with how many orders stand in each now."""
    open_orders = PortOrder.objects.visible_to(request.user).exclude(reject_code="").order_by()
    counts = open_orders.values("reject_code").annotate(n=Count("pk"))
    by_code = {row["reject_code"]: row["n"] for row in counts}
    labels = {
        field.name: field.verbose_name
        for field in PortOrder._meta.get_fields()
        if hasattr(field, "verbose_name")
    }
    context = {
        "rows": [
            {
                "rejection": one,
                "fields": [str(labels[name]) for name in one.fields],
                "count": by_code.get(one.code, 0),
            }
            for one in rejections.REJECTIONS.values()
        ]
    }
    return render(request, "porting/rejection_list.html", context)


@requires(WORDS)
def rule_list(request: Request) -> HttpResponse:
    """Return the clocks of the desk, the settings that they go by, and the days without work."""
    today = timezone.localdate()
    years = (today.year, today.year + 1)
    days = {day: name for year in years for day, name in clock.federal_holidays(year).items()}
    labels: dict[str, Any] = dict(PortOrder.State.choices)
    who = dict(PortOrder.Actor.choices)
    context = {
        "clocks": [
            {"state": state, "who": who[moves.WHO_ACTS[state]], "words": deadline.words}
            for state, deadline in clock.DEADLINES.items()
            if state in labels
        ],
        "settings": _settings(),
        "holidays": [(day, name) for day, name in sorted(days.items()) if day >= today][:11],
        "dates": order_page.earliest(),
    }
    return render(request, "porting/rule_list.html", context)


def _settings() -> list[tuple[str, str, str]]:
    """Return what is set, in words, with the name of each setting."""
    return [
        ("Price of a number", f"${settings.PORT_PRICE_PER_NUMBER}", "PORT_PRICE_PER_NUMBER"),
        (
            "Nothing changes so long before the date",
            f"{settings.PORT_FREEZE_HOURS} hours",
            "PORT_FREEZE_HOURS",
        ),
        (
            "Closed after so long without papers",
            f"{settings.PORT_SILENCE_DAYS} days",
            "PORT_SILENCE_DAYS",
        ),
        (
            "A letter is good for",
            f"{settings.PORT_LETTER_MAX_DAYS} days",
            "PORT_LETTER_MAX_DAYS",
        ),
        ("A bill is good for", f"{settings.PORT_BILL_MAX_DAYS} days", "PORT_BILL_MAX_DAYS"),
        ("Drafts are kept for", f"{settings.PORT_DRAFT_KEEP_DAYS} days", "PORT_DRAFT_KEEP_DAYS"),
        ("Largest document", f"{settings.PORT_DOCUMENT_MAX_MB} MB", "PORT_DOCUMENT_MAX_MB"),
        (
            "Questions a minute, each account",
            f"{settings.PORT_CALLS_PER_MINUTE}",
            "PORT_CALLS_PER_MINUTE",
        ),
    ]
