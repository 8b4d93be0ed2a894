"""The nouns of the auditor: frozen dataclasses and enums, standard library only, no input or output."""
