#!/bin/sh
# Bring the authors' captures from Google Drive into data/: bash download.sh [--only img|pth]
# SPARSEDFF_MIRROR=FOLDER or URL prefix takes the files from there.
set -e
cd "$(dirname "$0")"
for python in "${PYTHON:-.venv/bin/python}" python3 python; do
    "$python" -c 'import pooch, requests, tqdm' 2>/dev/null && exec "$python" -m sparsedff.downloads captures "$@"
done
echo "error: no Python with this package's needs; run \`make demo\` first, or set PYTHON to one that has them" >&2
exit 2
