"""Tell where the data of an AI-agent deployment really goes."""

__version__ = "0.1.0"
