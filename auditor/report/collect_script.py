"""Recipes as one short script of POSIX shell that a person reviews and runs; auditor runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.documents import BUNDLE_COLUMNS, BUNDLE_RECORD
from auditor.errors import Diagnostic, UsageError
from auditor.report.collect_recipes import RECIPES, Recipe, Step

_REDACT = r"""def secret: test(
  "token|secret|passw|credential|(api|private|access|master).?key|connection.?string|_dsn$"; "i");
def address: test("^[A-Za-z][A-Za-z0-9+.-]*://");
def clean:
  gsub("(?<s>[A-Za-z][A-Za-z0-9+.-]*://)[^/@\\s]+@"; "\(.s)redacted@")
  | gsub("(?<k>(token|secret|passw|credential|(api|private|access|master)[_-]?key)[A-Za-z_]*"
         + "[\"\u0027]?\\s*[:=]\\s*)[^\\s,}]+"; "\(.k)redacted"; "i");
walk(
  if type == "object" then
    del(.managedFields)
    | (if (.annotations | type) == "object" then del(.annotations["kubectl.kubernetes.io/last-applied-configuration"]) else . end)
    | (if (.name | type) == "string" and (.value | type) == "string" and (.name | secret) and (.value | address | not)
       then .value = "redacted" else . end)
    | with_entries(if (.value | type) == "string" and (.key | secret) and (.value | address | not)
                   then .value = "redacted" else . end)
  elif type == "string" then clean
  else . end)"""

_FUNCTIONS = f"""need() {{
  command -v "$1" >/dev/null 2>&1 || {{ echo "this script needs $1" >&2; exit 1; }}
}}
digest() {{
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -c 1-64
}}
redact() {{
  jq "$filter"
}}
keep() {{
  cat
}}
# take FILTER FILE FROM COMMAND...: what a command prints goes through the filter before it touches the disk.
take() {{
  through=$1 file=$2 from=$3
  shift 3
  if output=$("$@") && printf '%s\\n' "$output" | "$through" >"$bundle/$file" && [ -s "$bundle/$file" ]; then
    printf '"%s","%s","%s","%s","%s","%s"\\n' "$file" "$(digest "$bundle/$file")" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \\
      "$(uname -n)" "$from" "$*" >>"$bundle/{BUNDLE_RECORD}"
  else
    rm -f "$bundle/$file"
    echo "not collected: $from" >&2
  fi
}}"""


def render_script(names: Iterable[str]) -> str:
    """Return the script for the recipes ``names``, each once, by id.

    Raises:
        UsageError: a name without a recipe.
    """
    wanted = sorted(set(names))
    known = {recipe.id: recipe for recipe in RECIPES}
    for name in wanted:
        if name not in known:
            raise UsageError(
                Diagnostic(f'nothing is known to collect for "{name}"', f"known: {', '.join(sorted(known))}", "name one of them")
            )
    chosen = [known[name] for name in wanted]
    return "\n".join(_lines(chosen)) + "\n"


def _lines(recipes: Sequence[Recipe]) -> Iterator[str]:
    yield "#!/bin/sh"
    yield f"# Printed by: auditor collect --for {','.join(r.id for r in recipes)}"
    yield "# Reads, changes nothing. Review it, then run it where the programs below have a viewer's access."
    yield "# Values that look secret are replaced before they are written; look through the bundle before you hand it on."
    yield "# Usage: sh collect.sh [FOLDER]     Then: auditor init FOLDER"
    yield "set -eu"
    yield "umask 077"
    yield "bundle=${1:-auditor-bundle}"
    if any(not step.plain for recipe in recipes for step in recipe.steps):
        yield f"filter='{_REDACT}'"
    yield _FUNCTIONS
    yield ""
    for program in sorted({p for r in recipes for p in r.programs}):
        yield f"need {program}"
    for variable in sorted({v for r in recipes for v in r.variables}):
        yield f': "${{{variable}:?set {variable}}}"'
    yield 'mkdir "$bundle"'
    header = ",".join(BUNDLE_COLUMNS)
    yield f"echo '{header}' >\"$bundle/{BUNDLE_RECORD}\""
    for recipe in recipes:
        yield ""
        yield f"# {recipe.title}"
        yield from recipe.functions
        yield from (_step(step) for step in recipe.steps)


def _step(step: Step) -> str:
    return f"take {'keep' if step.plain else 'redact'} {step.file} '{step.origin}' {step.command}"
