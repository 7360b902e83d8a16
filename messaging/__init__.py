"""The domain of SMS destinations and 10DLC."""
