"""JSON that has one meaning only: UTF-8, no name twice in an object, no NaN, not nested without end."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from auditor.errors import Diagnostic, InvalidInputError


class _RefusedError(ValueError):
    """A fault inside the JSON text, raised from a hook of the parser."""


def parse(data: bytes, shown: str, next_step: str) -> Any:
    """Return the value in ``data``; ``shown`` is the path and ``next_step`` the help that messages hold.

    Raises:
        InvalidInputError: not strict JSON.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except UnicodeDecodeError as error:
        _refuse(shown, next_step, "not UTF-8 text", f"byte {error.start}: {error.reason}")
    except json.JSONDecodeError as error:
        why = error.msg
        raise InvalidInputError(
            Diagnostic("not JSON", why=why, next_step=next_step, path=shown, line=error.lineno, column=error.colno)
        ) from error
    except _RefusedError as error:
        _refuse(shown, next_step, "not strict JSON", str(error))
    except RecursionError:
        _refuse(shown, next_step, "nested too deep", "such a file has few levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise _RefusedError(f"the name {name!r} stands twice in one object")
        result[name] = value
    return result


def _constant(text: str) -> NoReturn:
    raise _RefusedError(f"{text} is no JSON number")


def _refuse(shown: str, next_step: str, what: str, why: str) -> NoReturn:
    raise InvalidInputError(Diagnostic(what, why=why, next_step=next_step, path=shown))
