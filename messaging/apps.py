"""Start-up of the messaging domain."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The domain of SMS destinations and 10DLC."""

    name = "messaging"
    verbose_name = "Messaging"
