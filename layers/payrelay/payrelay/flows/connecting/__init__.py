"""What it takes until a connection stands: connect, consent, lapse."""
