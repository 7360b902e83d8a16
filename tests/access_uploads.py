"""Who may reach the addresses of uploads; see `test_access_matrix`. The upload is the operator's."""

from __future__ import annotations

from tests.access import OPERATORS, OPERATORS_POST, Line, get, post

UPLOAD = {"pk": "upload"}

TABLE: dict[str, Line] = {
    "portal:upload-list": get(OPERATORS),
    "portal:upload-new": get(OPERATORS),
    "portal:upload-template": get(OPERATORS, {"slug": "numbers"}),
    "portal:upload-detail": get(OPERATORS, UPLOAD),
    "portal:upload-status": get(OPERATORS, UPLOAD),
    "portal:upload-mapping": get(OPERATORS, UPLOAD),
    "portal:upload-check": post(OPERATORS_POST, UPLOAD),
    "portal:upload-run": post(OPERATORS_POST, UPLOAD),
    "portal:upload-wait": post(OPERATORS_POST, UPLOAD),
    "portal:upload-cancel": post(OPERATORS_POST, UPLOAD),
    "portal:upload-accept": post(OPERATORS_POST, UPLOAD),
    "portal:upload-undo": post(OPERATORS_POST, UPLOAD),
    "portal:upload-rows-csv": get(OPERATORS, UPLOAD),
    "inventory:tn-export-edit": get(OPERATORS),
}
