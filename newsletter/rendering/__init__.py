"""Issue -> HTML, text and web page, and the press check; this module is the door."""
