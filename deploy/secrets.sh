#!/usr/bin/env bash
# Draws the secrets that compose.yaml mounts, once: what is there stays as it is.
set -euo pipefail

FOLDER="${1:-$(dirname "${BASH_SOURCE[0]}")/secrets}"

draw() { head -c 32 /dev/urandom | sha256sum | cut -d ' ' -f 1; }

entry() { # name, key, and what else is said of it
  printf '[[keys]]\nname = "%s"\nsha256 = "%s"\n%s\n' \
    "$1" "$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)" "${3:-}"
}

# Nobody else may enter the folder; inside it files are open, since containers have users of their own.
umask 022
mkdir -p "$FOLDER"
chmod 700 "$FOLDER"
[[ ! -e "$FOLDER/gateway.env" ]] || { echo "$FOLDER has them already"; exit 0; }

redis="$(draw)" vllm="$(draw)" tenant="$(draw)" shop="lw_$(draw)" admin="lw_$(draw)" metrics="lw_$(draw)"

printf 'requirepass %s\n' "$redis" > "$FOLDER/redis.conf"
printf '%s' "$redis" > "$FOLDER/redis_password"
printf 'VLLM_API_KEY=%s\n' "$vllm" > "$FOLDER/vllm.env"
printf '%s' "$metrics" > "$FOLDER/metrics_key"
printf '%s' "$shop" > "$FOLDER/shop_key"
printf '%s' "$admin" > "$FOLDER/admin_key"
printf '%s' "$(draw)" > "$FOLDER/grafana_password"
{
  entry shop "$shop"
  entry admin "$admin" 'admin = true'
  entry prometheus "$metrics" 'watch = true'
} > "$FOLDER/keys.toml"
printf 'LISTWRIGHT_STORE__URL=redis://:%s@redis:6379/0\n' "$redis" > "$FOLDER/redis.env"
# Last: where it is, all of them are.
{
  printf 'LISTWRIGHT_ENGINE__API_KEY=%s\n' "$vllm"
  printf 'LISTWRIGHT_ENGINE__TENANT=%s\n' "$tenant"
  printf 'LISTWRIGHT_SIDECAR__API_KEY=%s\n' "$vllm"
} > "$FOLDER/gateway.env"
echo "Drawn into $FOLDER: the shop asks with the key in shop_key"
