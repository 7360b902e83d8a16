"""Tags and filters of every page: numbers, states, times, icons, fields, sort links.

Registered as built-ins in the settings, so that no template has to load them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal import frame
from portal.listing import PAGING_PARAMETERS
from portal.templatetags import drawing, status_words
from portal.templatetags.moments import ago

register = template.Library()
register.simple_tag(drawing.progress_bar)
register.simple_tag(drawing.meter)
register.simple_tag(drawing.stack)
register.simple_tag(drawing.spark)
register.simple_tag(ago)
register.simple_tag(frame.draw, takes_context=True, name="frame")

_TONE_WORDS = {
    "ok": "Fine:",
    "info": "Under way:",
    "warn": "Look at it:",
    "bad": "Act:",
    "muted": "",
}
# In this order: each of the later ones also stands in the words of the earlier ones.
_BROWSERS = [
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?:Edg|EdgA|EdgiOS)/(\d+)", "Edge"),
        (r"OPR/(\d+)", "Opera"),
        (r"(?:Firefox|FxiOS)/(\d+)", "Firefox"),
        (r"(?:Chrome|CriOS)/(\d+)", "Chrome"),
        (r"Version/(\d+)\S* (?:Mobile/\w+ )?Safari", "Safari"),
    )
]
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@register.filter
def tn(value: object) -> str:
    """Return a number as people read it: ``(312) 555-0142`` for ``+13125550142``.

    Numbers outside the North American plan, and whatever is no number, stay as they are; nothing
    for None.
    """
    return "" if value is None else _tn(str(value))


@lru_cache(maxsize=4096)
def _tn(text: str) -> str:
    if len(text) == 12 and text.startswith("+1") and text[1:].isdigit():
        return f"({text[2:5]}) {text[5:8]}-{text[8:]}"
    return text


_ONE_OF_ITS_KIND = {"account": "The account", "ticket": "The ticket"}


@register.filter
def target(value: str) -> str:
    """Return what a row of a job is about: a number, or what stands after ``kind:account:``.

    The row of a job about one account or one ticket has a key that only machines read.
    """
    kind, colon, rest = value.partition(":")
    account, second, what = rest.partition(":")
    if colon and not second and kind in _ONE_OF_ITS_KIND:
        return _ONE_OF_ITS_KIND[kind]
    if value.startswith("new ticket "):
        return _ONE_OF_ITS_KIND["ticket"]
    return what if colon and second and kind.isalpha() and account.isdigit() else tn(value)


@register.filter
def duration(value: timedelta | float | str | None) -> str:
    """Return a length of time in words: "20 ms", "0.4 s", "12 s", "2 h 5 min", "3 d"; "" for None."""
    if value is None or value == "":
        return ""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if 0 < seconds < 0.095:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    if seconds < 2 * _DAY:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(seconds / _DAY)} d"


@register.filter
def price(value: Decimal) -> str:
    """Return an amount with two decimals, or as many more as it has: 0.50, 0.0125."""
    whole, _, cents = f"{value:,f}".partition(".")
    return f"{whole}.{cents.rstrip('0'):0<2}"


@register.filter
def words(name: object) -> str:
    """Return a field's name as words: ``found_here_only`` → “Found here only”."""
    return str(name).replace("_", " ").capitalize()


@register.filter
def browser(user_agent: object) -> SafeString:
    """Return a browser in words ("Firefox 140 on Windows"), what it told of itself on hover."""
    told = str(user_agent or "")
    if not told:
        return format_html('<span class="nd-quiet">{}</span>', "not told")
    program = next(
        (f"{name} {found[1]}" for pattern, name in _BROWSERS if (found := pattern.search(told))),
        told.partition("/")[0][:40],
    )
    system = next((f" on {name}" for mark, name in _SYSTEMS if mark in told), "")
    return format_html('<span title="{}">{}{}</span>', told, program, system)


@register.simple_tag
def chip(word: object, tone: str = "muted", title: str = "") -> SafeString:
    """Return a state as dot, word and colour; `title` shows on hover (the provider's own word).

    An empty word gives the dot alone, for a line whose text says the rest.
    """
    return _chip(str(word), tone if tone in status_words.TONES else "muted", str(title or ""))


@register.simple_tag
def status_chip(subject: object, kind: str = "", title: str = "") -> SafeString:
    """Return the chip of a status word, or of an object that carries one (a job, a number …).

    `kind` (number, sync, job, item, health, order, line, hold, exchange, e911, messaging, port,
    tollfree) picks the table where a word means different things; unknown words are muted.
    """
    if isinstance(subject, str):
        return _word_chip(subject, kind, str(title or ""))
    found_kind, word = status_words.of_object(subject)
    return _word_chip(word, kind or found_kind, str(title or ""))


@lru_cache(maxsize=1024)
def _word_chip(word: str, kind: str, title: str) -> SafeString:
    if word in {"", "None"}:
        return _chip("None", "muted", title)
    look = status_words.find(word, kind)
    return _chip(look.label, look.tone, title)


@lru_cache(maxsize=1024)
def _chip(word: str, tone: str, title: str) -> SafeString:
    hover = format_html(' title="{}"', title) if title else ""
    if not word:  # a dot beside words that say the rest; its shape and these words say the tone
        told = _TONE_WORDS[tone]
        return format_html(
            '<span class="nd-chip nd-dot nd-{}"{}><span class="visually-hidden">{}</span></span>',
            tone,
            hover,
            told,
        )
    return format_html('<span class="nd-chip nd-{}"{}>{}</span>', tone, hover, word)


@register.simple_tag
@lru_cache(maxsize=512)  # a list page shows some sixty
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Return an icon of the sprite; without `label` it is decoration that screen readers skip."""
    return format_html(
        '<svg class="nd-icon{}"{} focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        format_html(' role="img" aria-label="{}"', label)
        if label
        else mark_safe(' aria-hidden="true"'),
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def sort_link(
    context: dict[str, Any], key: str, label: str, target: str = "", default: str = ""
) -> SafeString:
    """Return a column header's link: sorts by `key`, turns round when it already does.

    The sort in effect is that of the context's `page` (or `sort`), else of the address, else
    `default`. Other parameters of the address are kept, those of paging dropped. With `target` (a
    CSS selector) htmx swaps only that element.
    """
    query: QueryDict = context["request"].GET.copy()
    told_sort = getattr(context.get("page"), "sort", "") or context.get("sort")
    current = str(told_sort or query.get("sort") or default)
    for name in PAGING_PARAMETERS:
        query.pop(name, None)
    query["sort"] = f"-{key}" if current == key else key
    address = f"?{query.urlencode()}"
    arrow, direction = {key: ("↑", "ascending"), f"-{key}": ("↓", "descending")}.get(
        current, ("", "")
    )
    swap = ""
    if target:
        swap = format_html(
            ' hx-get="{}" hx-target="{}" hx-swap="outerHTML" hx-push-url="true"', address, target
        )
    mark = ""
    if direction:
        mark = format_html(
            ' <span aria-hidden="true">{}</span><span class="visually-hidden">, sorted {}</span>',
            arrow,
            direction,
        )
    return format_html('<a class="nd-sort" href="{}"{}>{}{}</a>', address, swap, label, mark)


@register.inclusion_tag("portal/_form_field.html")
def field(bound: BoundField, label: str = "", help_text: str | None = None) -> dict[str, Any]:
    """Render one form field: label, widget, help and its errors, tied together for screen readers.

    `label` and `help_text` replace those of the form; an empty `help_text` shows none.
    """
    widget = bound.field.widget
    is_box = isinstance(widget, CheckboxInput)
    is_group = isinstance(widget, (CheckboxSelectMultiple, RadioSelect))
    classes = [widget.attrs.get("class", "")]
    if is_box:
        classes.append("form-check-input")
    elif is_group:
        pass  # Django puts the class on the group and on each of its boxes
    elif isinstance(widget, Select):
        classes.append("form-select")
    else:
        classes.append("form-control")
    if bound.errors:
        classes.append("is-invalid")
    attrs: dict[str, Any] = {"class": " ".join(filter(None, classes))}
    placeholder = _letters(widget.attrs.get("placeholder", ""))
    if placeholder and placeholder in {_letters(bound.label), _letters(label)}:
        attrs["placeholder"] = False  # it would only repeat the label
    shown_help = bound.help_text if help_text is None else help_text
    if shown_help or bound.errors:
        ids = [f"{bound.auto_id}_help"] * bool(shown_help)
        attrs["aria-describedby"] = " ".join(
            [*ids, *[f"{bound.auto_id}_error"] * bool(bound.errors)]
        )
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attrs),
        "label": label or bound.label,
        "help_text": shown_help,
        "is_box": is_box,
        "is_group": is_group,
    }


@register.simple_tag
def boxes(bound: BoundField) -> SafeString:
    """Return the choices of a field as list items with a box each, drawn in one go.

    Django's own way renders a template for each box.
    """
    chosen = {str(value) for value in bound.value() or ()}
    return _boxes(bound.html_name, getattr(bound.field, "choices", ()), chosen)


@register.simple_tag
def column_boxes(columns: Iterable[Any], shown: Collection[str]) -> SafeString:
    """Return a list item with a box for each column that a list can show."""
    return _boxes("col", [(column.name, column.label) for column in columns], shown)


def _boxes(name: str, choices: Iterable[tuple[Any, Any]], chosen: Collection[str]) -> SafeString:
    lines = [
        f'<li><label><input class="form-check-input" type="checkbox" name="{name}"'
        f' value="{escape(str(key))}"{" checked" if str(key) in chosen else ""}>'
        f" {escape(str(label))}</label></li>"
        for key, label in choices
    ]
    return mark_safe("".join(lines))  # noqa: S308 (escaped above; names are our own)


def _letters(text: object) -> str:
    return "".join(c for c in str(text).casefold() if c.isalnum())


@register.simple_tag
def copy_tn(value: str) -> SafeString:
    """Return a number as people read it, beside a button that copies it as E.164."""
    return format_html(
        '<span class="nd-tn">{}</span> <button type="button" class="nd-copy nd-js" data-copy="{}"'
        ' title="Copy {}">{}<span class="visually-hidden">Copy {}</span></button>',
        tn(value),
        value,
        value,
        icon("copy"),
        value,
    )
