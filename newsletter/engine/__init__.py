"""claim -> compose -> send -> settle: works the outbox until it is told to stop."""
