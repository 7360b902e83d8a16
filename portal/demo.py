"""The people of the demo data set; see `manage.py seed_demo`."""

PASSWORD = "numberdesk-demo"  # noqa: S105 (printed on the sign-in page of a first look)
LOGINS: tuple[tuple[str, str, str], ...] = (
    ("Administrator", "ana@example.net", PASSWORD),
    ("Operator", "omar@example.net", PASSWORD),
    ("Viewer", "vera@example.net", PASSWORD),
    ("Customer manager", "mia@lakeside.example.net", PASSWORD),
    ("Customer member", "max@lakeside.example.net", PASSWORD),
)
