"""Where else the bytes of forgotten examples may be: every place that can be seen from here."""
