"""The statements of the fill. Parameters: first, last, accounts, customers, actor.

`bench_share(i, seed)` is a number from 0 to 1 that looks random and is the same in each run.
"""

from __future__ import annotations

EXCHANGES = """
DROP TABLE IF EXISTS pg_temp.bench_exchange;
CREATE TEMP TABLE bench_exchange (
    n serial PRIMARY KEY, npa text, nxx text, region text, rate_center text, lata text);
CREATE OR REPLACE FUNCTION pg_temp.bench_share(i bigint, seed bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE AS
    $$ SELECT (hashint8extended(i, seed) & 9007199254740991) / 9007199254740992.0::float8 $$;
"""

# Where a number lies: four of five local, spread over all exchanges, the others toll-free. The
# factors are prime to what they run round in, so that no number comes twice.
_PLACED = """
CREATE TEMP TABLE bench_placed ON COMMIT DROP AS
WITH counted AS (SELECT count(*)::int AS many FROM bench_exchange),
drawn AS (
    SELECT i, i %% 5 = 0 AS is_toll_free, i / 5 AS turn, counted.many,
           i - i / 5 AS local_turn
    FROM generate_series(%(first)s::bigint, %(last)s) i, counted)
SELECT d.i,
       CASE WHEN is_toll_free
            THEN (ARRAY['800','833','844','855','866','877','888'])[1 + turn %% 7]
            ELSE e.npa END AS npa,
       CASE WHEN is_toll_free THEN (200 + (turn / 7 * 383) %% 799)::text ELSE e.nxx END AS nxx,
       CASE WHEN is_toll_free THEN lpad(((turn / 5593 * 7919) %% 10000)::text, 4, '0')
            ELSE lpad(((local_turn / many * 7919 + e.n * 37) %% 10000)::text, 4, '0') END AS line,
       CASE WHEN is_toll_free THEN '' ELSE e.region END AS region,
       CASE WHEN is_toll_free THEN '' ELSE e.rate_center END AS rate_center,
       CASE WHEN is_toll_free THEN '' ELSE e.lata END AS lata,
       is_toll_free
FROM drawn d LEFT JOIN bench_exchange e
     ON NOT is_toll_free AND e.n = 1 + (local_turn * 1009) %% many
"""

# States as a reseller of some years has them; few customers have many numbers, many have few.
_NUMBERS = """
INSERT INTO inventory_telephonenumber
    (tn, npa, nxx, state, state_since, previous_state, account_id, customer_id, label, billing_id,
     monthly_cost, deletion_lock, note, tags, rate_center, region, lata, tier, wanted, sync_state,
     sync_note, synced_at, e911_state, messaging_state, port_state, created_at, updated_at)
SELECT '+1' || npa || nxx || line, npa, nxx, state, now() - a_while * interval '900 days', '',
       (%(accounts)s::bigint[])[CASE WHEN is_toll_free THEN 3 + (i / 5 %% 2)::int
                                     WHEN holder < 0.7 THEN 1 ELSE 2 END],
       CASE WHEN is_held THEN (%(customers)s::bigint[])
            [1 + floor(cardinality(%(customers)s::bigint[]) * who * who * who)::int] END,
       CASE WHEN is_held AND named < 0.6 THEN
            (ARRAY['Front desk','Fax','Billing','After hours','Dispatch','Night desk','Sales',
                   'Support','Warehouse','Reception'])[1 + floor(who * 9.99)::int]
            || ' ' || (i %% 400) ELSE '' END,
       CASE WHEN is_held THEN 'B-' || lpad((floor(who * 100000))::text, 5, '0') ELSE '' END,
       0.35 + round((named * 2)::numeric, 2), named > 0.99, '',
       CASE WHEN checked < 0.15 THEN ARRAY['tag-' || i %% 40] ELSE '{}' END, rate_center, region,
       lata,
       CASE WHEN is_toll_free THEN '' ELSE floor(holder * 4)::text END, '{}',
       CASE WHEN checked < 0.94 THEN 'in_sync' WHEN checked < 0.98 THEN 'stale'
            WHEN checked < 0.99 THEN 'drifted' WHEN checked < 0.998 THEN 'pending_push'
            ELSE 'missing' END,
       '', now() - checked * interval '20 hours',
       CASE WHEN is_held AND named < 0.5 THEN 'provisioned'
            WHEN is_held AND named < 0.53 THEN 'provision_failed' ELSE 'none' END,
       CASE WHEN is_held AND holder < 0.3 THEN 'live' ELSE 'off' END, '',
       now() - a_while * interval '1200 days', now() - a_while * holder * interval '600 days'
FROM (
    SELECT p.*, pg_temp.bench_share(i, 1) AS holder, pg_temp.bench_share(i, 2) AS who,
           pg_temp.bench_share(i, 3) AS named, pg_temp.bench_share(i, 4) AS checked,
           pg_temp.bench_share(i, 5) AS a_while, state,
           state IN ('in_service', 'suspended', 'held')
               OR (state = 'aging' AND i %% 2 = 0) AS is_held
    FROM bench_placed p,
         LATERAL (SELECT pg_temp.bench_share(i, 6) AS share) s,
         LATERAL (SELECT CASE
             WHEN share < 0.620 THEN 'in_service' WHEN share < 0.800 THEN 'stock'
             WHEN share < 0.820 THEN 'held' WHEN share < 0.840 THEN 'suspended'
             WHEN share < 0.900 THEN 'aging' WHEN share < 0.903 THEN 'purchasing'
             WHEN share < 0.908 THEN 'port_in' WHEN share < 0.911 THEN 'port_out'
             WHEN share < 0.913 THEN 'releasing' WHEN share < 0.985 THEN 'released'
             WHEN share < 0.997 THEN 'ported_out' ELSE 'lost' END AS state) t
) rows
"""

_MIRROR = """
INSERT INTO inventory_carriernumber
    (tn, account_id, provider_ref, synced_at, state_word, route_ref, route_name, rate_center,
     region, lata, tier, network, label, features, "values", details, fingerprint, missing_count)
SELECT n.tn, n.account_id, '', n.synced_at, 'assigned', '13550', 'Endpoint group 13550',
       n.rate_center, n.region, n.lata, n.tier, 'VI', '', '{cnam,sms}',
       '{"forward_to": "", "cnam_name": ""}',
       jsonb_build_object('statusCode', '100', 'availability', 'assigned', 'rewrite', n.tn),
       md5(n.tn), 0
FROM bench_placed p
JOIN inventory_telephonenumber n ON n.tn = '+1' || p.npa || p.nxx || p.line
WHERE n.state NOT IN ('released', 'ported_out', 'lost', 'purchasing', 'port_in')
"""

_AUDIT = """
INSERT INTO portal_auditentry
    (at, actor_id, actor_name, verb, object_type, object_id, object_text, customer_id, before,
     after, reason, request_id)
SELECT n.created_at, %(actor)s, 'Bench Desk', 'inventory.tn.imported',
       'inventory.telephonenumber', n.id,
       '(' || n.npa || ') ' || n.nxx || '-' || substr(n.tn, 9), n.customer_id, '{}',
       jsonb_build_object('state', n.state), '', ''
FROM bench_placed p
JOIN inventory_telephonenumber n ON n.tn = '+1' || p.npa || p.nxx || p.line
ORDER BY p.i
"""

# One settled order for each hundred numbers, with five of them as its rows, and its call.
_JOBS = """
WITH made AS (
    INSERT INTO portal_job
        (uid, kind, title, actor_id, account_id, source, params, result, subject, queue, priority,
         is_write, is_group, status, reason, error_code, attempts, asked_count, run_after,
         delivery_count, total_count, done_count, failed_count, unknown_count, created_at,
         started_at, finished_at)
    SELECT gen_random_uuid(), 'inventory.order_tns', 'Order 5 numbers (' || i || ')', %(actor)s,
           (%(accounts)s::bigint[])[1 + (i / 100 %% 4)::int], 'person',
           jsonb_build_object('first', i), '{}', '', 'default', 5, true, false,
           CASE WHEN share < 0.95 THEN 'succeeded' WHEN share < 0.98 THEN 'failed'
                ELSE 'partial' END,
           '', '', 1, 0, at, 0, 5, 5, 0, 0, at, at, at + interval '2 seconds'
    FROM generate_series(%(first)s::bigint, %(last)s) i,
         LATERAL (SELECT pg_temp.bench_share(i, 7) AS share,
                         now() - pg_temp.bench_share(i, 8) * interval '300 days' AS at) t
    WHERE i %% 100 = 0
    RETURNING id, account_id, (params ->> 'first')::bigint AS first, created_at),
called AS (
    INSERT INTO portal_exchange
        (job_id, account_id, operation, is_write, method, url, request_headers, request_body,
         outcome, reply_status, reply_body, reply_size, reply_rest_hash, note, sent_at, seconds)
    SELECT id, account_id, 'order', true, 'POST', 'http://127.0.0.1/', '{}', 'five numbers',
           'answered', 200, 'five numbers', 12, '', '', created_at, 0.2
    FROM made)
INSERT INTO portal_jobitem
    (job_id, position, slice, target, is_lock, status, params, before, after, code, message,
     advice, provider_ref, is_applied, not_done_count, updated_at)
SELECT m.id, i - m.first, 0, '+1' || p.npa || p.nxx || p.line, true, 'succeeded', '{}', '{}',
       '{}', '100', '', '', '', true, 0, m.created_at
FROM made m, LATERAL generate_series(m.first, m.first + 4) AS i JOIN bench_placed p USING (i)
"""

STATEMENTS = (_PLACED, "ANALYZE bench_placed", _NUMBERS, _MIRROR, _AUDIT, _JOBS)
