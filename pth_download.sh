#!/bin/sh
# Bring the weights of DINOv2 and Segment Anything into thirdparty_module/: bash pth_download.sh [--only dinov2|sam]
# SPARSEDFF_MIRROR=FOLDER or URL prefix takes the files from there.
set -e
cd "$(dirname "$0")"
for python in "${PYTHON:-.venv/bin/python}" python3 python; do
    "$python" -c 'import pooch, requests, tqdm' 2>/dev/null && exec "$python" -m sparsedff.downloads weights "$@"
done
echo "error: no Python with this package's needs; run \`make demo\` first, or set PYTHON to one that has them" >&2
exit 2
