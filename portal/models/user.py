"""People who sign in: by e-mail address, with one role each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from portal.models.customer import Customer


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is unique without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new user with a hashed password (None: cannot sign in with a password)."""
        from allauth.account.models import EmailAddress  # an app of its own, loaded after this

        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        with transaction.atomic():
            user.save()
            # allauth mails its security notices to the verified, primary address only.
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new administrator."""
        return self.create_user(email, password, role=User.Role.ADMINISTRATOR, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this e-mail address, in any case."""
        return self.get(email__iexact=username)


class UserQuerySet(models.QuerySet["User"]):
    """Reads of users."""

    def visible_to(self, user: User) -> UserQuerySet:
        """Return everybody for staff, one's own company for a customer's user."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)


class User(AbstractBaseUser):
    """A person. Staff roles have no customer; customer roles have exactly one."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        OPERATOR = "operator", "Operator"
        ADMINISTRATOR = "administrator", "Administrator"
        MEMBER = "member", "Customer member"
        MANAGER = "manager", "Customer manager"

    STAFF_ROLES = (Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR)
    CUSTOMER_ROLES = (Role.MEMBER, Role.MANAGER)

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty: that of the site.")
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_ci_unique"),
            models.CheckConstraint(
                name="user_customer_role_has_customer",
                condition=Q(role__in=["viewer", "operator", "administrator"], customer=None)
                | Q(role__in=["member", "manager"], customer__isnull=False),
                violation_error_message="Customer roles need a customer, staff roles have none.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff_role(self) -> bool:
        """Whether this is one of our own people."""
        return self.role in self.STAFF_ROLES

    @property
    def is_staff(self) -> bool:
        """Whether the read-only back office is open to this person."""
        return self.role == self.Role.ADMINISTRATOR

    is_superuser = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Return whether the role allows `perm` (see `portal.access`)."""
        from portal.access import role_allows

        return self.is_active and role_allows(self.role, perm)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """Return whether the role allows all of `perms`."""
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether the read-only back office shows an app."""
        return self.is_staff

    def get_full_name(self) -> str:
        """Return the name as shown."""
        return str(self)
