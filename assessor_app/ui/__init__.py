"""The window: everything that is drawn and everything a person touches."""
