#!/usr/bin/env bash
# QLoRA + FSDP of Llama-3-70B on the GPUs of one machine. Memory, and what to do next: README.md.
set -euo pipefail

MODEL="${MODEL:-/srv/models/Llama-3-70B-Instruct}"   # the published bfloat16 weights, safetensors
DATA="${DATA:-/srv/listwright/instructions}"         # by `python -m models.sft.data`
OUT="${OUT:-/srv/listwright/adapters/llama-3-70b-lists}"
GPUS="${GPUS:-8}"
CONFIG="${CONFIG:-$(dirname "${BASH_SOURCE[0]}")/llama3-70b-qlora-fsdp.toml}"

for needed in "$MODEL/config.json" "$DATA/train.jsonl" "$DATA/validation.jsonl" "$CONFIG"; do
  [[ -f "$needed" ]] || { echo "there is no $needed" >&2; exit 1; }
done

export HF_HUB_OFFLINE="${HF_HUB_OFFLINE:-1}" DO_NOT_TRACK=1
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-8}" OMP_WAIT_POLICY=passive
# Examples differ in length: without this the allocator's leftovers fill a GPU.
export PYTORCH_ALLOC_CONF="${PYTORCH_ALLOC_CONF:-expandable_segments:True}"

# What was ended goes on: the same command again.
exec torchrun \
  --nproc-per-node "$GPUS" \
  --rdzv-backend c10d \
  --rdzv-endpoint 127.0.0.1:0 \
  -m models.sft \
  --model "$MODEL" \
  --data "$DATA" \
  --out "$OUT" \
  --config "$CONFIG" \
  "$@"
