"""VoiceTel, by its REST API 2.2."""
