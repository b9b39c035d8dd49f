#!/usr/bin/env bash
# Llama-3-70B-Instruct AWQ on vLLM, with the speller inside. Why each flag: deploy/vllm.md.
set -euo pipefail

MODEL="${MODEL:-/srv/models/Llama-3-70B-Instruct-AWQ}"
CATALOGUES="${CATALOGUES:-/srv/listwright/catalogues}"
HOST="${HOST:-127.0.0.1}"
PORT="${PORT:-8000}"
TENSOR_PARALLEL="${TENSOR_PARALLEL:-1}"       # 1, 2 or 4 GPUs of one machine
MAX_MODEL_LEN="${MAX_MODEL_LEN:-8192}"        # prompt and list together, in tokens
GPU_MEMORY="${GPU_MEMORY:-0.90}"              # of each GPU, for weights and KV cache
LISTS="${LISTS:-64}"                          # decoded side by side
IN_FLIGHT="${IN_FLIGHT:-128}"                 # beyond these a request is refused with 503
STEP_TOKENS="${STEP_TOKENS:-1024}"            # prompt and list tokens of one forward pass
MODEL_RUNNER="${MODEL_RUNNER:-1}"             # 1 is proven with the plugin, 2 is vLLM's default
LORA="${LORA:-}"                              # "name=/path other=/path", or nothing
LORA_RANK="${LORA_RANK:-16}"                  # the largest rank among them
LORA_LOADING="${LORA_LOADING:-}"              # 1: gateways may have others loaded while it runs

[[ -d "$CATALOGUES" ]] || { echo "CATALOGUES: no folder at $CATALOGUES" >&2; exit 1; }

case "$MODEL_RUNNER" in
  1) export VLLM_USE_V2_MODEL_RUNNER=0; scheduling=--no-async-scheduling ;;
  2) export VLLM_USE_V2_MODEL_RUNNER=1; scheduling=--async-scheduling ;;
  *) echo "MODEL_RUNNER is 1 or 2, not $MODEL_RUNNER" >&2; exit 1 ;;
esac

adapters=()
if [[ -n "$LORA" ]]; then
  read -ra named <<< "$LORA"
  adapters=(--enable-lora --max-loras "${#named[@]}" --max-lora-rank "$LORA_RANK"
    --lora-modules "${named[@]}")
fi

if [[ -n "$LORA_LOADING" ]]; then
  export VLLM_ALLOW_RUNTIME_LORA_UPDATING=True
  adapters=(--enable-lora --max-loras 4 --max-lora-rank "$LORA_RANK")
  [[ -z "$LORA" ]] || adapters+=(--lora-modules "${named[@]}")
fi

export LISTWRIGHT_PLUGIN__CATALOGUES="$CATALOGUES"
export HF_HUB_OFFLINE="${HF_HUB_OFFLINE:-1}" VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1

# No --quantization: the checkpoint says that it is AWQ, and vLLM picks the Marlin kernels for it.
exec vllm serve "$MODEL" \
  --served-model-name llama-3-70b-instruct \
  --host "$HOST" \
  --port "$PORT" \
  --logits-processors service.engines.vllm_plugin:ListwrightProcessor \
  --tensor-parallel-size "$TENSOR_PARALLEL" \
  --max-model-len "$MAX_MODEL_LEN" \
  --gpu-memory-utilization "$GPU_MEMORY" \
  --enable-prefix-caching \
  --enable-chunked-prefill \
  --max-num-batched-tokens "$STEP_TOKENS" \
  --max-num-seqs "$LISTS" \
  --max-num-queued-reqs "$IN_FLIGHT" \
  "$scheduling" \
  --generation-config vllm \
  --seed 0 \
  --stream-interval 1 \
  --enable-prompt-tokens-details \
  --shutdown-timeout 30 \
  --no-enable-log-requests \
  --disable-uvicorn-access-log \
  --disable-fastapi-docs \
  "${adapters[@]}" \
  "$@"
