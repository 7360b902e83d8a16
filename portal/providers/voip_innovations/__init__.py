"""VoIP Innovations (Sangoma Wholesale), BackOffice SOAP API 3.0; see docs/providers.md."""
