#!/usr/bin/env bash
# Phi-3-mini-4k-instruct on vLLM: the model that thinks aloud beside the main one. It writes plain
# text, so it needs no plugin and no catalogue. Why each flag: deploy/vllm.md.
set -euo pipefail

MODEL="${MODEL:-/srv/models/Phi-3-mini-4k-instruct}"
HOST="${HOST:-127.0.0.1}"
PORT="${PORT:-8001}"
MAX_MODEL_LEN="${MAX_MODEL_LEN:-4096}"        # all it was trained for
GPU_MEMORY="${GPU_MEMORY:-0.90}"              # 0.12 where it shares an H200 with the main model
THOUGHTS="${THOUGHTS:-32}"                    # written side by side
IN_FLIGHT="${IN_FLIGHT:-64}"                  # beyond these a request is refused with 503
STEP_TOKENS="${STEP_TOKENS:-2048}"            # prompt and text tokens of one forward pass

# Installed in the same environment, the plugin would be found here too: without catalogues it rests.
unset LISTWRIGHT_PLUGIN__CATALOGUES
export HF_HUB_OFFLINE="${HF_HUB_OFFLINE:-1}" VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1

exec vllm serve "$MODEL" \
  --served-model-name phi-3-mini-4k-instruct \
  --host "$HOST" \
  --port "$PORT" \
  --max-model-len "$MAX_MODEL_LEN" \
  --gpu-memory-utilization "$GPU_MEMORY" \
  --enable-prefix-caching \
  --enable-chunked-prefill \
  --max-num-batched-tokens "$STEP_TOKENS" \
  --max-num-seqs "$THOUGHTS" \
  --max-num-queued-reqs "$IN_FLIGHT" \
  --generation-config vllm \
  --seed 0 \
  --shutdown-timeout 30 \
  --no-enable-log-requests \
  --disable-uvicorn-access-log \
  --disable-fastapi-docs \
  "$@"
