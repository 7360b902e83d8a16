"""The form for a customer."""

from __future__ import annotations

from django import forms

from portal.models import Customer


class CustomerForm(forms.ModelForm):
    """Who the customer is; the code stands in files, so that it never changes."""

    class Meta:
        model = Customer
        fields = ["name", "code", "aging_class", "billing_id", "email", "is_active"]
        labels = {"aging_class": "Class", "email": "E-mail", "is_active": "Active"}
        help_texts = {
            "code": "Short, without spaces. It stands in files and cannot be changed later.",
            "aging_class": "How long a number rests after it before another customer may have it.",
            "billing_id": "How your billing knows the customer.",
            "email": "Mails about moves of numbers and 911 go there.",
            "is_active": "Switched off, it gets no more numbers; those that it has stay as they are.",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = bool(self.instance.pk)

    def clean_code(self) -> str:
        """Refuse a code with spaces, and one that differs from another only in its case."""
        code = str(self.cleaned_data["code"]).strip()
        if any(c.isspace() for c in code):
            raise forms.ValidationError("A code has no spaces.")
        others = Customer.objects.exclude(pk=self.instance.pk)
        if others.filter(code__iexact=code).exists():
            raise forms.ValidationError("Another customer has this code.")
        return code
