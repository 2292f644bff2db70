"""Relay: kept, pipelined connections to an SMTP server; Envelope -> Outcome, no database."""
