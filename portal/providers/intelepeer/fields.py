"""What an account needs to know, and what may be chosen where the provider's pages differ."""

from __future__ import annotations

from typing import Final

from portal.providers.base import Field
from portal.providers.intelepeer.client import HOLD_FIELDS, SERVICE_AREAS

DEFAULT_SERVICE_AREA: Final = "4"  # what the reference's examples use

CREDENTIAL_FIELDS: Final = (
    Field(
        name="username",
        label="User name",
        help="Of a portal user with access type API; one per account.",
    ),
    Field(name="password", label="Password"),
)
SETTING_FIELDS: Final = (
    Field(
        name="package_id",
        label="Package",
        help="The number of the package that new numbers get unless an order says otherwise.",
        is_required=False,
        pattern=r"[0-9]+",
    ),
    Field(
        name="service_area",
        label="Service area",
        help="The provider publishes no names for the areas 1 to 5.",
        is_required=False,
        default=DEFAULT_SERVICE_AREA,
        choices=tuple((str(area), str(area)) for area in SERVICE_AREAS),
    ),
    Field(
        name="auth_scheme",
        label="Form of the Authorization header",
        help="The provider’s pages differ; try the other one if a correct login is refused.",
        is_required=False,
        default="raw",
        choices=(("raw", "Token alone"), ("bearer", "Bearer and token")),
    ),
    Field(
        name="my_tf_version",
        label="Version of the own list",
        help="Version 3 is used by itself where version 4 is missing.",
        is_required=False,
        default="v4",
        choices=(("v4", "v4"), ("v3", "v3")),
    ),
    Field(
        name="hold_field",
        label="Name of the holds in an order",
        help="The provider’s example and its table differ; try the other one if a good hold "
        "is refused.",
        is_required=False,
        default=HOLD_FIELDS[0],
        choices=tuple((name, name) for name in HOLD_FIELDS),
    ),
    Field(
        name="resporg",
        label="RespOrg of bought numbers",
        help="Your own needs an agreement with the provider.",
        is_required=False,
        default="carrier",
        choices=(("carrier", "The provider’s"), ("own", "Our own")),
    ),
    Field(
        name="order_email",
        label="E-mail for order reports",
        help="The provider sends its status mails there.",
        is_required=False,
        pattern=r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+",
    ),
)
