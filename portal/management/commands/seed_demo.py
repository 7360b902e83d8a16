"""Load the demo data set: people, customers and one account per provider at the sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from e911 import demo as e911_demo
from inventory.models import TelephoneNumber
from inventory.operations.accounts import RefreshCoverage, SyncRoutes
from inventory.operations.sync import sync_account
from inventory.services import move
from portal import demo, jobs, providers
from portal.models import Customer, Job, ProviderAccount, User
from porting import demo as porting_demo

CUSTOMERS = (
    ("LAKE", "Lakeside Dental", ("Front desk", "Fax", "Billing", "After hours", "Recall line")),
    ("NORTH", "Northgate Freight", ("Dispatch", "Dock 4", "Night desk", "Claims")),
    ("HARBOR", "Harbor Media", ("Newsroom", "Ads", "Studio A", "Tips")),
    ("RED", "Red Cliffs Realty", ("Office", "After hours", "Rentals")),
)
# What a first look signs in with, at the sandbox of this checkout only.
ACCOUNTS: tuple[tuple[str, str, dict[str, str], dict[str, str]], ...] = (
    (
        "voip_innovations",
        "VoIP Innovations main",
        {"login": "sandbox", "secret": "sandbox-secret"},
        {"endpoint_group": "13550"},
    ),
    (
        "voicetel",
        "VoiceTel main",
        {"username": "2125550100", "password": "Sandbox1"},
        {"route": "4"},
    ),
    (
        "intelepeer",
        "IntelePeer toll-free",
        {"username": "sandbox@example.net", "password": "sandbox-secret"},
        {"package_id": "30001", "service_area": "4"},
    ),
    (
        "custom_toll_free",
        "Custom Toll Free",
        {"key": "SANDBOXKEY0001"},
        {
            "resporg": "SBX01",
            "template": "*SBDEFAULT",
            "contact_name": "Numberdesk Demo",
            "contact_phone": "2125550142",
        },
    ),
)


class Command(BaseCommand):
    """Idempotent: what is there already stays as it is."""

    help = "Load demo people, customers and provider accounts at the sandbox; safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, bring the numbers in, print the logins."""
        with transaction.atomic():
            customers = [self._customer(*row) for row in CUSTOMERS]
            self._users(customers[0])
            accounts = [self._account(*row) for row in ACCOUNTS]
        if self._sandbox_answers():
            self._bring_in(accounts)
            self._hand_out(customers)
            self._fill_desks(accounts)
        else:
            self.stdout.write(
                "The sandbox does not answer yet; the workers will bring the numbers in."
            )
        self.stdout.write("Demo logins:")
        for role, email, password in demo.LOGINS:
            self.stdout.write(f"  {role:<17} {email:<28} {password}")

    def _customer(self, code: str, name: str, labels: tuple[str, ...]) -> Customer:
        customer, _ = Customer.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "billing_id": f"{code}-01",
                "email": f"desk@{name.split()[0].lower()}.example.net",
            },
        )
        return customer

    def _users(self, customer: Customer) -> None:
        roles = ("administrator", "operator", "viewer", "manager", "member")
        for role, (_, email, password) in zip(roles, demo.LOGINS, strict=True):
            if User.objects.filter(email=email).exists():
                continue
            User.objects.create_user(
                email,
                password,
                name=email.split("@")[0].capitalize() + " Demo",
                role=role,
                customer=customer if role in User.CUSTOMER_ROLES else None,
            )

    def _account(
        self, slug: str, name: str, credentials: dict[str, str], values: dict[str, str]
    ) -> ProviderAccount:
        account, made = ProviderAccount.objects.get_or_create(
            name=name,
            defaults={
                "slug": slug,
                "base_url": settings.SANDBOX_URL,
                "credentials": credentials,
                "settings": values,
                "is_sandbox": True,
                "calls_per_minute": 600,
                "sync_interval_minutes": settings.SYNC_INTERVAL_MINUTES,
            },
        )
        if not made and account.is_sandbox and account.base_url != settings.SANDBOX_URL:
            account.base_url = settings.SANDBOX_URL  # another port at this start
            account.save(update_fields=["base_url"])
        return account

    def _sandbox_answers(self) -> bool:
        try:
            return requests.get(f"{settings.SANDBOX_URL}/_sandbox/state", timeout=5).ok
        except requests.RequestException:
            return False

    def _bring_in(self, accounts: list[ProviderAccount]) -> None:
        """Sync accounts that were never synced, by ordinary jobs that run right here."""
        for account in accounts:
            account.refresh_from_db()
            if account.last_sync_at is not None:
                continue
            jobs.execute(sync_account(account, actor=None, source=Job.Source.SYSTEM).pk)
            for kind in (SyncRoutes, RefreshCoverage):
                if providers.offers(account.slug, kind.capability):
                    job = jobs.submit(
                        kind.kind,
                        actor=None,
                        account=account,
                        params={"account": account.name},
                        source=Job.Source.SYSTEM,
                    )
                    jobs.execute(job.pk)
            account.refresh_from_db()
            self.stdout.write(f"{account}: {account.last_sync_count or 0} numbers")

    def _fill_desks(self, accounts: list[ProviderAccount]) -> None:
        """Give the E911 desk and the port desk something to show, by ordinary jobs."""
        actor = User.objects.get(email=demo.LOGINS[0][1])
        emergency = [one for one in accounts if providers.offers(one.slug, "e911_list")]
        records = e911_demo.seed(emergency, actor=actor)
        ports = porting_demo.seed({account.slug: account for account in accounts}, actor=actor)
        self.stdout.write(f"E911: {records} records. Porting: {ports} new orders.")

    @transaction.atomic
    def _hand_out(self, customers: list[Customer]) -> None:
        """Give some stock to the customers, once, so that the lists show every usual state."""
        if TelephoneNumber.objects.exclude(customer=None).exists():
            return
        stock = TelephoneNumber.objects.filter(state="stock").order_by("account_id", "tn")
        for position, number in enumerate(stock.select_for_update()):
            customer = customers[position % len(customers)]
            labels = CUSTOMERS[position % len(customers)][2]
            turn = position % 10
            if turn < 5:
                number.label = labels[position // 4 % len(labels)]
                number.billing_id = f"{customer.code}-{position:04}"
                move(number, "in_service", actor=None, reason="Demo data", customer=customer)
            elif turn == 5:
                move(number, "held", actor=None, reason="Demo data", customer=customer)
            elif turn == 6:
                number.release_on = (timezone.now() + timedelta(days=45)).date()
                move(number, "aging", actor=None, reason="Demo data")
