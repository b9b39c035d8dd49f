#!/usr/bin/env bash
# The demo shop's catalogue and ranker, in the folder that is named: what is there stays as it is.
set -euo pipefail

OUT="${1:-/srv/catalogues}"

files="$(mktemp -d)"
trap 'rm -rf "$files"' EXIT
python3 -c 'import sys; from pathlib import Path; from service.demo.write import write_shop
write_shop(Path(sys.argv[1]))' "$files"
listwright build --items "$files" --out "$OUT"
tuned() {
  python3 -c 'import sys; from pathlib import Path
from service.retrieval.ranker import load_ranker, ranker_root
root = ranker_root(Path(sys.argv[1]))
sys.exit(not ((root / "CURRENT").exists() and load_ranker(root).tuning.blends))' "$OUT"
}
if ! tuned; then
  listwright train --catalogue "$OUT" --patience 4
  listwright tune --catalogue "$OUT" --users 0
fi
