"""Every kind of job that writes: how one is brought about at the sandbox, and which request writes.

`test_every_write.py` fails for a kind that has no line here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from e911 import operations as e911
from e911 import services as e911_services
from e911.models import AddressCheck, EmergencyRecord, KeptLocation
from e911.models.address import wire
from e911.operations.reading import columns
from e911.services import alerts as e911_alerts
from e911.services import checks as e911_checks
from inventory import feature_changes, features, route_changes
from inventory.models import CarrierNumber, CartLine, Route, TelephoneNumber
from inventory.operations.order import place_order
from inventory.operations.release import release
from inventory.operations.reserve import reserve
from portal import jobs, providers
from portal.models import Customer, Job, ProviderAccount, SupportTicket, User
from portal.operations import Item
from portal.providers.dto import RouteRecord
from portal.providers.dto.network import Gateway, SignInMode
from portal.providers.dto.support import TicketStatus
from portal.sandbox.server import RunningSandbox
from portal.tn import TN
from porting import operations as porting
from porting import services as porting_services
from tests import factories
from tests.providers.runtime import RecordingRuntime

Submit = Callable[[str], Job]
ADMINISTRATOR = {"username": "2125550111", "password": "Sandbox9"}
SECOND = ("2125550199", ("Sandbox2", "Fresh1234", "Other1234"))
EMAIL, ANOTHER = "desk@example.net", "night@example.net"
_turn = itertools.count(1)


@dataclass
class Scene:
    """The sandbox, who asks, and accounts at it; the stage is set without a job."""

    sandbox: RunningSandbox
    actor: User
    customer: Customer
    accounts: list[ProviderAccount] = field(default_factory=list)

    def account(self, slug: str, **fields: Any) -> ProviderAccount:
        """Return a new account."""
        account = factories.make_account(slug, base_url=self.sandbox.url, **fields)
        self.accounts.append(account)
        return account

    def provider(self, account: ProviderAccount) -> Any:
        """Return the adapter of an account, for what is no part of the test."""
        return providers.get(account.as_account(), RecordingRuntime())

    def tn(self, slug: str, status: str) -> str:
        """Return a number of the sandbox that is not spoken for: “owned” by us, or “available”."""
        rows = self.sandbox.store.query(
            "SELECT tn FROM number WHERE provider = ? AND status = ? AND network <> 'EXT'"
            " AND substr(tn, 7) NOT LIKE '99%' AND substr(tn, 1, 1) <> '8'"
            " AND account IN ('', 'sandbox', '2125550100') ORDER BY tn DESC LIMIT 1 OFFSET ?",
            (slug, status, next(_turn)),
        )
        return f"+1{rows[0]['tn']}"

    def number(self, slug: str, *, state: str = "in_service", **values: str) -> TelephoneNumber:
        """Return a number of ours, with what its provider told of it."""
        account = self.account(slug)
        tn = self.tn(slug, "owned")
        CarrierNumber.objects.create(
            account=account, tn=tn, route_ref="13550", values=values, synced_at=timezone.now()
        )
        facts = {"customer": self.customer} if state == "in_service" else {}
        return factories.make_tn(tn, account=account, state=state, sync_state="in_sync", **facts)

    def checked(self, number: TelephoneNumber, **parts: str) -> AddressCheck:
        """Return an accepted check of an address for a number."""
        check = factories.make_check(number, accepted_at=timezone.now(), **parts)
        told = self.provider(number.account).validate_address(
            wire(check.result), caller_name=check.caller_name
        )
        e911_checks.answered(check, told)
        return e911_services.accept(check, actor=self.actor)

    def record(self, slug: str = "voip_innovations", state: str = "verified") -> EmergencyRecord:
        """Return an emergency record that its provider holds, unless it was removed."""
        number = self.number(slug)
        check = self.checked(number)
        record = factories.make_record(number, state)
        record.take_accepted(check.result, check.caller_name)
        record.accepted_at = timezone.now()
        record.save()
        if state != "removed":
            self.provider(number.account).set_e911(
                number.value, address=wire(check.result), caller_name=check.caller_name
            )
        return record


@dataclass(frozen=True, kw_only=True)
class Write:
    """One kind: its provider, the request that writes as the sandbox names it, and its stage.

    `stage` returns what submits the job, by a key. `lost` is how a job ends whose answer was lost
    after it was carried out.
    """

    slug: str
    operation: str
    stage: Callable[[Scene], Submit]
    lost: str = "succeeded"


def _order(scene: Scene) -> Submit:
    account, tn = scene.account("voip_innovations"), scene.tn("voip_innovations", "available")
    line = CartLine.objects.create(user=scene.actor, account=account, tn=tn)
    return lambda key: place_order([line], actor=scene.actor, key=key).job.children.get()


def _reserve(scene: Scene) -> Submit:
    account, tn = scene.account("voip_innovations"), scene.tn("voip_innovations", "available")
    line = CartLine.objects.create(user=scene.actor, account=account, tn=tn)
    return lambda key: reserve([line], actor=scene.actor, key=key)[0]


def _release(scene: Scene) -> Submit:
    number = scene.number("voip_innovations", state="stock")
    return lambda key: release([number], actor=scene.actor, reason="not_needed", key=key)[0]


def _release_abroad(scene: Scene) -> Submit:
    account = scene.account("voip_innovations")
    provider = scene.provider(account)
    (country, *_) = provider.client.get_countries()
    provider.client.assign_intl_did(city_id=int(country.cities[0]["id"]), epg_id=13551)
    tn = next(iter(provider.list_international())).tn
    return lambda key: route_changes.release_abroad(account, tn, actor=scene.actor, key=key)


def _route(account: ProviderAccount, record: RouteRecord) -> Route:
    return Route.objects.create(
        account=account, provider_ref=record.ref, name=record.name, kind=record.kind
    )


def _switch_route(scene: Scene) -> Submit:
    account = scene.account("voip_innovations")
    scene.provider(account).set_route_active("13552", is_active=True)
    route = _route(account, RouteRecord(ref="13552", name="Local", kind="endpoint_group"))
    return lambda key: route_changes.switch(route, is_active=False, actor=scene.actor, key=key)


def _create_group(scene: Scene) -> Submit:
    account, name = scene.account("voip_innovations"), f"Group {next(_turn)}"
    return lambda key: route_changes.create_group(account, name, actor=scene.actor, key=key)


def _host() -> str:
    return f"gw{next(_turn)}.example.net"


def _save_gateway(scene: Scene) -> Submit:
    account, values = scene.account("voicetel"), {"address": _host(), "prefix": "", "limit": 10}
    return lambda key: route_changes.save_gateway(
        account, values, route=None, actor=scene.actor, key=key
    )


def _remove_gateway(scene: Scene) -> Submit:
    account = scene.account("voicetel")
    made = scene.provider(account).create_gateway(Gateway(address=_host(), limit=10))
    route = _route(account, made)
    return lambda key: route_changes.remove_gateway(route, actor=scene.actor, key=key)


def _access_list(scene: Scene) -> Submit:
    account, cidr = scene.account("voicetel"), f"198.51.100.{next(_turn) % 250}/32"
    return lambda key: route_changes.change_access(
        account, [cidr], is_removal=False, actor=scene.actor, key=key
    )


def _sign_in_mode(scene: Scene) -> Submit:
    account = scene.account("voicetel")
    scene.provider(account).change_sign_in(mode=SignInMode.EITHER)
    return lambda key: route_changes.change_mode(account, "both", actor=scene.actor, key=key)


def _sign_in_password(scene: Scene) -> Submit:
    username, known = SECOND
    account = scene.account("voicetel", credentials={"username": username, "password": known[0]})
    provider = scene.provider(account)
    now = next(password for password in known if provider.holds_password(password))
    account.credentials = {"username": username, "password": now}
    account.save()
    fresh = known[(known.index(now) + 1) % len(known)]
    return lambda key: route_changes.change_password(account, fresh, actor=scene.actor, key=key)


def _change_feature(scene: Scene) -> Submit:
    number = scene.number("voip_innovations", forward_to="")
    values = {number.tn: "+13125550142"}
    return lambda key: feature_changes.change(
        features.get("forward_to"), values, actor=scene.actor, key=key
    )


def _take_off(scene: Scene) -> Submit:
    number = scene.number("voip_innovations", forward_to="+13125550142")
    scene.provider(number.account).set_forward(number.value, to=TN("+13125550142"))
    item = Item(
        target=number.tn,
        before={"values": {"forward_to": "+13125550142"}, "sync_state": "in_sync"},
        params={"off": [["forward_to", ""]], "route": "13550"},
    )
    return lambda key: jobs.submit(
        "inventory.take_off_features",
        actor=scene.actor,
        account=number.account,
        params={"shown": "Forward"},
        items=[item],
        key=key,
    )


# -- E911 -------------------------------------------------------------------------------------


def _provision(slug: str) -> Callable[[Scene], Submit]:
    def stage(scene: Scene) -> Submit:
        number = scene.number(slug)
        scene.provider(number.account).remove_e911(number.value)  # some have it from the start
        check = scene.checked(number)
        return lambda key: e911.provision(check, numbers=[number], actor=scene.actor, key=key)

    return stage


def _remove_record(slug: str) -> Callable[[Scene], Submit]:
    def stage(scene: Scene) -> Submit:
        record = scene.record(slug)
        return lambda key: e911.remove([record], actor=scene.actor, reason="Gone.", key=key)

    return stage


def _restore(scene: Scene) -> Submit:
    record = scene.record(state="removed")
    record.last_valid = record.snapshot()
    record.save()
    return lambda key: e911.restore([record], actor=scene.actor, key=key)


def _alerts(deed: Callable[[EmergencyRecord, User, str], Job], *emails: str) -> Any:
    """Return a stage with a record whose 911 calls these are told of."""

    def stage(scene: Scene) -> Submit:
        record = scene.record()
        for email in emails:
            scene.provider(record.account).add_e911_alert(TN(record.tn), email=email)
        e911_alerts.told(record, list(emails))
        return lambda key: deed(record, scene.actor, key)

    return stage


def _set_alerts(record: EmergencyRecord, actor: User, key: str) -> Job:
    item = Item(target=record.tn, params={"emails": f"{EMAIL} {ANOTHER}"})
    return jobs.submit(
        "e911.set_alerts", actor=actor, account=record.account, items=[item], key=key
    )


def _kept(scene: Scene) -> KeptLocation:
    """Return an address that the provider keeps beside the active one."""
    record = scene.record()
    other = factories.make_check(
        record.number, house_number="77", street="Oak", street_suffix="Ave"
    )
    made = scene.provider(record.account).add_e911_location(
        TN(record.tn), address=wire(other.lines), caller_name="Example LLC"
    )
    return KeptLocation.objects.create(account=record.account, **columns(made))


def _add_location(scene: Scene) -> Submit:
    record = scene.record()
    check = scene.checked(record.number, house_number="77")
    return lambda key: e911.add_location(record, check, actor=scene.actor, key=key)


def _use_location(scene: Scene) -> Submit:
    kept = _kept(scene)
    return lambda key: e911.provision_location(kept, actor=scene.actor, key=key)


def _forget_location(scene: Scene) -> Submit:
    kept = _kept(scene)
    return lambda key: e911.remove_location(kept, actor=scene.actor, key=key)


# -- ports, tickets, accounts -----------------------------------------------------------------


def _port(scene: Scene) -> Submit:
    account = scene.account("voicetel")
    tn = f"+1212555{3000 + next(_turn):04}"
    scene.provider(account).check_portability(TN(tn))
    order = factories.make_port(tn, account=account, price_per_number=6)
    order.price_total = order.price_of(order.number_count)
    order.save()
    porting_services.move(order, "ready", actor=scene.actor)
    return lambda key: porting.submit(
        order, actor=scene.actor, key=key, price_total=order.price_total
    )


def _about_account(kind: str, slug: str = "voicetel", **facts: Any) -> Callable[[Scene], Submit]:
    """Return a stage for a job about an account itself; ``{n}`` in a text becomes a fresh number."""
    credentials = facts.pop("credentials", None)

    def stage(scene: Scene) -> Submit:
        account = scene.account(slug, **({"credentials": credentials} if credentials else {}))
        n = next(_turn)
        params = {k: v.format(n=n) if isinstance(v, str) else v for k, v in facts.items()}
        item = Item(target=f"account:{account.pk}")
        return lambda key: jobs.submit(
            kind, actor=scene.actor, account=account, params=params, items=[item], key=key
        )

    return stage


def _recover(scene: Scene) -> Submit:
    email = f"lost{next(_turn)}@example.net"
    scene.provider(scene.account("voicetel")).sign_up(name="Lakeside", email=email, promo="")
    return _about_account("portal.recover_account", account="Main", email=email)(scene)


def _ticket(kind: str, *, is_admin: bool = False, **facts: Any) -> Callable[[Scene], Submit]:
    def stage(scene: Scene) -> Submit:
        account = scene.account("voicetel", **({"credentials": ADMINISTRATOR} if is_admin else {}))
        told = scene.provider(account).open_ticket(subject=f"Ticket {next(_turn)}", message="Help.")
        row = SupportTicket.objects.create(
            account=account, ticket_ref=told.ref, subject=told.subject, synced_at=timezone.now()
        )
        known = [message.ref for message in scene.provider(account).ticket_messages(told.ref)]
        params = {"ticket": row.pk, "ref": told.ref, "number": told.number, "known": known, **facts}
        item = Item(target=f"ticket:{row.pk}")
        return lambda key: jobs.submit(
            kind, actor=scene.actor, account=account, params=params, items=[item], key=key
        )

    return stage


VI, VOICETEL = "voip_innovations", "voicetel"
WRITES: dict[str, Write] = {
    "e911.add_alert": Write(
        slug=VI,
        operation="Add911Alert",
        stage=_alerts(lambda one, who, key: e911.add_alert(one, email=EMAIL, actor=who, key=key)),
    ),
    "e911.add_location": Write(slug=VI, operation="addLocation", stage=_add_location),
    "e911.provision": Write(slug=VI, operation="insert911", stage=_provision(VI)),
    "e911.provision_location": Write(slug=VI, operation="provisionLocation", stage=_use_location),
    "e911.remove": Write(slug=VI, operation="remove911", stage=_remove_record(VI)),
    "e911.remove_alert": Write(
        slug=VI,
        operation="Remove911Alert",
        stage=_alerts(
            lambda one, who, key: e911.remove_alert(one.alerts.get(), actor=who, key=key), EMAIL
        ),
    ),
    "e911.remove_alerts": Write(
        slug=VI,
        operation="Remove911Alert",
        stage=_alerts(lambda one, who, key: e911.remove_alerts(one, actor=who, key=key), EMAIL),
    ),
    "e911.remove_location": Write(slug=VI, operation="removeLocation", stage=_forget_location),
    "e911.restore": Write(slug=VI, operation="insert911", stage=_restore),
    "e911.set_alerts": Write(slug=VI, operation="Add911Alert", stage=_alerts(_set_alerts, EMAIL)),
    "inventory.change_access_list": Write(slug=VOICETEL, operation="acl.add", stage=_access_list),
    "inventory.change_feature": Write(slug=VI, operation="SetDIDForward", stage=_change_feature),
    "inventory.change_sign_in_mode": Write(
        slug=VOICETEL, operation="auth.update", stage=_sign_in_mode
    ),
    "inventory.change_sign_in_password": Write(
        slug=VOICETEL, operation="auth.update", stage=_sign_in_password
    ),
    "inventory.create_group": Write(slug=VI, operation="CreateDIDGroup", stage=_create_group),
    "inventory.order_tns": Write(slug=VI, operation="assignDID", stage=_order),
    "inventory.release_abroad": Write(slug=VI, operation="ReleaseIntlDID", stage=_release_abroad),
    "inventory.release_tns": Write(slug=VI, operation="releaseDID", stage=_release),
    "inventory.remove_gateway": Write(
        slug=VOICETEL, operation="gateways.delete", stage=_remove_gateway
    ),
    "inventory.reserve_tns": Write(
        slug=VI,
        operation="reserveDID",
        stage=_reserve,
        lost="failed",  # whose hold it is cannot be asked; ordering the number shows
    ),
    "inventory.save_gateway": Write(
        slug=VOICETEL, operation="gateways.create", stage=_save_gateway
    ),
    "inventory.switch_route": Write(
        slug=VI, operation="DeactivateEndpointGroup", stage=_switch_route
    ),
    "inventory.take_off_features": Write(slug=VI, operation="RemoveDIDForward", stage=_take_off),
    "portal.change_settings": Write(
        slug=VOICETEL,
        operation="account.update",
        stage=_about_account("portal.change_settings", changes={"warn_below": 33}, before={}),
    ),
    "portal.delete_ticket": Write(
        slug=VOICETEL,
        operation="tickets.remove",
        stage=_ticket("portal.delete_ticket", is_admin=True),
    ),
    "portal.open_subaccount": Write(
        slug=VOICETEL,
        operation="account.create",
        stage=_about_account(
            "portal.open_subaccount",
            credentials=ADMINISTRATOR,
            username="21255{n:05}",
            name="Lakeside",
            email="owner{n}@example.net",
            billing_ref="",
        ),
        lost="needs_review",  # nobody can be asked for an account whose password nobody has
    ),
    "portal.open_ticket": Write(
        slug=VOICETEL,
        operation="tickets.create",
        stage=_about_account("portal.open_ticket", subject="No audio {n}", message="Help."),
    ),
    "portal.recover_account": Write(
        slug=VOICETEL,
        operation="account.recovery",
        stage=_recover,
        lost="needs_review",  # only the mailbox tells
    ),
    "portal.reply_ticket": Write(
        slug=VOICETEL,
        operation="tickets.reply",
        stage=_ticket("portal.reply_ticket", message="Any news?"),
    ),
    "portal.set_ticket_status": Write(
        slug=VOICETEL,
        operation="tickets.update",
        stage=_ticket("portal.set_ticket_status", status=TicketStatus.CLOSED.value, before="open"),
    ),
    "portal.sign_up": Write(
        slug=VOICETEL,
        operation="account.sign_up",
        stage=_about_account(
            "portal.sign_up",
            provider="VoiceTel",
            name="Lakeside",
            email="new{n}@example.net",
            promo="",
        ),
        lost="needs_review",  # as with an account that somebody opens
    ),
    "porting.submit": Write(slug=VOICETEL, operation="ports.create", stage=_port),
}
