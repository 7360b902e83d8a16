"""Emergency records (voicetel.md 5).

On the routes of one number 401 is about the number: documented for reading it, and [assumed] for
the two others, whose lists of refusals are the same and name no other for a foreign number.
"""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

POST_VALIDATIONS: Final = Method(
    name="POST /v2.2/e911/validations",
    section="5",
    domain="e911",
    capability="e911_records",
    function="post_e911_validations",
    reads=("e911.address_fields", "e911.address_check"),
    sureness="seen",
    refusals=frozenset({409}),
)
POST_E911: Final = Method(
    name="POST /v2.2/e911",
    section="5",
    domain="e911",
    capability="e911_records",
    function="post_e911",
    reads=("e911.address_fields", "e911.record_of"),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    refusals=frozenset({409}),
)
GET_E911: Final = Method(
    name="GET /v2.2/e911",
    section="5",
    domain="e911",
    capability="e911_list",
    function="get_e911",
    reads=("e911.records",),
    sureness="seen",
    is_empty_on_404=True,
)
GET_E911_RECORD: Final = Method(
    name="GET /v2.2/e911/{dn}",
    section="5",
    domain="e911",
    capability="e911_records",
    function="get_e911_record",
    reads=("e911.record_of",),
    sureness="seen",
    not_ours_on_401=True,
)
PUT_E911_RECORD: Final = Method(
    name="PUT /v2.2/e911/{dn}",
    section="5",
    domain="e911",
    capability="e911_records",
    function="put_e911_record",
    reads=("e911.record_of",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    not_ours_on_401=True,
    refusals=frozenset({409}),
)
DELETE_E911_RECORD: Final = Method(
    name="DELETE /v2.2/e911/{dn}",
    section="5",
    domain="e911",
    capability="e911_records",
    function="delete_e911_record",
    sureness="seen",
    is_write=True,
    not_ours_on_401=True,
    answers_without_body=True,
    refusals=frozenset({409}),
)

METHODS: tuple[Method, ...] = (
    POST_VALIDATIONS,
    POST_E911,
    GET_E911,
    GET_E911_RECORD,
    PUT_E911_RECORD,
    DELETE_E911_RECORD,
)
