"""Customers: the list, one with all that is known of it, and the form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal import customer_page, kept, row_drawing, services
from portal.access import Request, get_visible_or_404, requires
from portal.filtering import active_filters, asked
from portal.filters import CustomerFilter
from portal.forms_customer import CustomerForm
from portal.listing import Sort, paginate
from portal.models import Customer

SORTS = [Sort(name="name", label="Name", column="name")]


@requires("portal.view_customer")
def customer_list(request: Request) -> HttpResponse:
    """Return the customers with how many numbers each has."""
    visible = Customer.objects.visible_to(request.user)
    found = asked(request, lambda: CustomerFilter(request.GET, queryset=visible, drawn=()))
    page = paginate(
        request,
        found.rows,
        SORTS,
        is_narrow=found.is_narrow,
        fetch=row_drawing.fetch_customers,
    )
    counts = customer_page.counts([customer["id"] for customer in page.rows])
    return kept.render_rows(
        request,
        ("portal/customer_list.html", "portal/_customer_table.html"),
        page,
        row_drawing.draw_customers(page.rows, counts),
        lambda: {
            "filter": CustomerFilter(request.GET, queryset=visible),
            "chips": active_filters(request, {"q": "Text"}),
            "can_change": request.user.has_perm("portal.change_customer"),
        },
        facts=() if found.is_valid else None,
    )


@requires("portal.view_customer")
def customer_detail(request: Request, pk: int) -> HttpResponse:
    """Return one customer: facts, what each domain has of it, people, jobs, history."""
    customer = get_visible_or_404(Customer, request.user, pk=pk)
    context = customer_page.context(customer, request.user)
    return render(request, "portal/customer_detail.html", context)


@requires("portal.change_customer")
def customer_new(request: Request) -> HttpResponse:
    """Draw and take the form for a new customer."""
    return _form(request, Customer())


@requires("portal.change_customer")
def customer_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form for a customer."""
    return _form(request, get_visible_or_404(Customer, request.user, pk=pk))


def _form(request: Request, customer: Customer) -> HttpResponse:
    name = str(customer)
    form = CustomerForm(request.POST or None, instance=customer)
    if request.method == "POST" and form.is_valid():
        saved = services.save_customer(form, actor=request.user)
        messages.success(request, f"{saved} is saved.")
        return redirect("portal:customer-detail", pk=saved.pk)
    context = {"form": form, "customer": customer, "name": name}
    status = 422 if form.is_bound else 200
    return render(request, "portal/customer_form.html", context, status=status)
