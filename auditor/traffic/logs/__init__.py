"""Flow logs, proxy logs, resolver logs and audit logs: one format a module, each turned into the same records.

``reading.read_log`` is the front door; ``record`` says what comes out of it.
"""

from auditor.facts.blindness import Blind
from auditor.traffic.logs.coverage import FileDigest, LogCoverage
from auditor.traffic.logs.reading import LogReading, read_log
from auditor.traffic.logs.record import Action, LogFlow, LogLookup, LogRecord
from auditor.traffic.logs.source import LogFile, LogSource

__all__ = [
    "Action",
    "Blind",
    "FileDigest",
    "LogCoverage",
    "LogFile",
    "LogFlow",
    "LogLookup",
    "LogReading",
    "LogRecord",
    "LogSource",
    "read_log",
]
