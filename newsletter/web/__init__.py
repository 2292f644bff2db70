"""The Flask application: public pages and the local mailbox."""
