"""One's own address: fixed by an administrator, told of changes of the password."""

from django.core import mail

from tests.factories import PASSWORD


def test_nobody_changes_the_address_he_signs_in_with(client_for, operator):
    client = client_for(operator)
    for method in (client.get, client.post):
        answer = method("/accounts/email/", {"email": "thief@example.net", "action_add": ""})
        assert (answer.status_code, answer["Location"]) == (302, "/security/")
    operator.refresh_from_db()
    assert operator.email.endswith("@example.net")
    assert [row.email for row in operator.emailaddress_set.all()] == [operator.email]


def test_a_changed_password_is_told_by_mail(client_for, operator):
    new = "another-horse-battery-1"
    answer = client_for(operator).post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    operator.refresh_from_db()
    assert operator.check_password(new)
    (notice,) = mail.outbox
    assert notice.to == [operator.email]
    assert notice.subject.startswith("[Numberdesk] ")
