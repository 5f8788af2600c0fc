#!/bin/sh
# Tests the Axolotl plugin against the base class and the plugin manager of an installed Axolotl.
#
# Axolotl depends on several GB of packages in versions of its own, so that it is installed alone,
# with the two small ones that its plugin module imports, into an environment of its own, which sees
# the packages of the interpreter that is given: PYTHON needs the dependency group `train`.
#
#     sh tests/training/axolotl_plugin.sh [PYTHON]
set -eu
python=${1:-.venv/bin/python}
root=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv --without-pip "$place/venv"
site=$("$place/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$site/lent.pth"
"$python" -m pip install --quiet --no-deps --target "$site" axolotl peft addict
cd "$root"
"$place/venv/bin/python" -c 'from importlib.metadata import version as v
print(*(f"{name} {v(name)}" for name in ("axolotl", "peft", "torch", "transformers")))'
PYTHONPATH="$root" "$place/venv/bin/python" -m tests.training.axolotl_plugin
echo "the plugin works with the installed Axolotl"
