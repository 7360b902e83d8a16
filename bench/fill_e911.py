"""Filling E911: a record for most numbers that people call from, in every state, with its mirror.

Shares are those of a reseller whose house is nearly in order. Made in SQL from the numbers.
"""

from __future__ import annotations

import time

from django.db import connection

from e911.models import EmergencyRecord
from e911.services import standings

_BLANK = (
    *("house_number", "pre_direction", "street", "street_suffix", "post_direction", "unit_type"),
    *("unit", "building", "floor", "room", "city", "region", "zip", "plus4", "caller_name"),
    *("previous_state", "reason", "legal_text", "verified_by", "not_required_reason"),
)
_SHARE = "(hashint8extended(n.id, 911) & 9007199254740991) / 9007199254740992.0::float8"
RECORDS = f"""
INSERT INTO e911_emergencyrecord (
    account_id, tn, number_id, customer_id, state, state_since, word, accepted_address1,
    accepted_address2, accepted_city, accepted_region, accepted_zip, accepted_plus4,
    accepted_caller_name, accepted_key, accepted_at, provisioned_at, verified_at, tested_at,
    last_valid, is_multi_unit, is_location_lost, lost_at, is_kept, differs, created_at, updated_at,
    {", ".join(_BLANK)})
SELECT n.account_id, n.tn, n.id, n.customer_id, f.state, n.state_since, 'PROVISIONED',
       f.house || ' MAIN ST', CASE WHEN f.share < 0.4 THEN 'STE ' || f.house END_,
       left(n.rate_center, 60), n.region, '60601', '0001', 'EXAMPLE ' || f.house, 'KEY ' || n.tn,
       now(), n.state_since, now(), CASE WHEN f.share > 0.3 THEN now() END, '{{}}',
       f.share < 0.45, f.share < 0.0005, CASE WHEN f.share < 0.0005 THEN now() END, false,
       f.share BETWEEN 0.5 AND 0.51, now(), now(), {", ".join(["''"] * len(_BLANK))}
FROM inventory_telephonenumber n
JOIN portal_provideraccount a ON a.id = n.account_id
CROSS JOIN LATERAL (SELECT {_SHARE} AS share) s
CROSS JOIN LATERAL (
    SELECT s.share, 1 + n.id %% 9999 AS house,
           CASE WHEN n.state = 'aging' THEN 'orphan'
                WHEN s.share < 0.80 THEN 'verified' WHEN s.share < 0.90 THEN 'provisioned'
                WHEN s.share < 0.92 THEN 'invalid' WHEN s.share < 0.94 THEN 'draft'
                ELSE 'suggested' END AS state) f
WHERE (n.state IN ('in_service', 'suspended') AND s.share < 0.95
       OR n.state = 'aging' AND s.share < 0.2)
  AND a.slug IN ('voip_innovations', 'voicetel')
ON CONFLICT (account_id, tn) DO NOTHING
""".replace("END_", "ELSE '' END")  # noqa: S608 (our own words)
ALERTS = """
INSERT INTO e911_alertcontact (record_id, customer_id, kind, email, phone, gateway, state, reason,
                               added_at)
SELECT r.id, r.customer_id, 'email', 'desk@example.net', '', '', 'active', '', now()
FROM e911_emergencyrecord r WHERE r.id %% 10 < 8
ON CONFLICT DO NOTHING
"""


def records() -> float:
    """Make the records that are missing and the gap report; return the seconds of the report."""
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, [])
        cursor.execute(ALERTS, [])
        cursor.execute(f"VACUUM (ANALYZE) {EmergencyRecord._meta.db_table}, e911_alertcontact")
    started = time.monotonic()
    standings.rebuild()
    seconds = time.monotonic() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) e911_standing")
    return seconds
