"""Whether the models serve: the servers they are asked at, their tokens and time, vLLM itself."""

# ruff: noqa: E501 - what a panel says is one line
from __future__ import annotations

from typing import Final

from boards.board import Board, Choice, Section
from boards.panels import (
    A_SECOND,
    BAD,
    COUNT,
    GOOD,
    POOR,
    SECONDS,
    SHARE,
    Query,
    figure,
    lines,
    states,
)
from boards.queries import Chosen

AT: Final = Chosen(("upstream",))
BY_MODEL: Final = Chosen(("model",))
HERE: Final = Chosen()
CALLS: Final = "listwright_upstream_calls_total"
TOKENS: Final = "listwright_engine_tokens_total"
PROMPTS: Final = "listwright_engine_prompt_tokens_total"
FORCED: Final = "listwright_engine_forced_tokens_total"
FORWARD: Final = "listwright_engine_forward_tokens_total"
PASSES: Final = "listwright_engine_passes_total"
FAILED: Final = 'outcome=~"timeout|unready|failed|open|full"'
ENOUGH: Final = ("0.5", "0.95", "0.99")

GLANCE: Final = Section(
    "At a glance",
    [
        figure(
            "Calls that failed", SHARE,
            "Timeouts, 503, errors, and what was not asked at all. Those lists are the retrievers'.",
            AT.share(CALLS, FAILED), bounds={0.05: POOR, 0.2: BAD},
        ),
        figure(
            "Breakers open", COUNT,
            "Servers that are not asked, since most of what they were asked of late failed.",
            f"sum({AT.of('listwright_breaker_state')} > bool 1)", bounds={1: BAD},
        ),
        figure(
            "Waiting", COUNT,
            "Calls that wait for a place: what to scale by.",
            f"sum({AT.of('listwright_upstream_waiting')})", bounds={8: POOR, 32: BAD},
        ),
        figure(
            "First token: p95", SECONDS,
            "Mostly the reading of the prompt. If it grows with the load, prompts queue inside the server.",
            BY_MODEL.quantile(0.95, "listwright_engine_first_token_seconds"), bounds={2: POOR, 5: BAD},
        ),
        figure(
            "Tokens a second", A_SECOND,
            "Spelled and written, by all models.",
            BY_MODEL.rate(TOKENS), bounds={},
        ),
        figure(
            "Forced", SHARE,
            "Of the tokens of lists, those that left no choice: an embedded engine has them nearly for nothing.",
            f"{BY_MODEL.rate(FORCED)} / {BY_MODEL.rate(TOKENS)}", bounds={}, first=GOOD,
        ),
    ],
)  # fmt: skip

SERVERS: Final = Section(
    "Servers",
    [
        lines(
            "Calls by outcome", A_SECOND,
            "`busy` and `full`: too much is asked; `unready`, `failed`, `timeout`: look at the server's own log; `open`: its breaker.",
            Query(AT.rate(CALLS, "upstream, outcome"), "{{upstream}} {{outcome}}"), stacked=True,
        ),
        lines(
            "How long calls take", SECONDS,
            "Answers read. Long ones with few running: each is slow by itself; with many: the server is full.",
            *(
                Query(AT.quantile(float(q), "listwright_upstream_seconds", "upstream"), f"{q} {{{{upstream}}}}")
                for q in ENOUGH
            ),
        ),
        states(
            "Breakers",
            "Open: nothing is asked, lists are the retrievers'. It closes by itself once three calls have succeeded.",
            Query(f"max by (upstream) ({AT.of('listwright_breaker_state')})", "{{upstream}}"),
            {0: ("closed", GOOD), 1: ("half open", POOR), 2: ("open", BAD)},
        ),
        lines(
            "Places", COUNT,
            "How many calls are asked side by side, and how many may be. A limit that falls by itself: the server says it is full, or grows slow.",
            Query(f"sum by (upstream) ({AT.of('listwright_upstream_limit')})", "{{upstream}} limit"),
            Query(f"sum by (upstream) ({AT.of('listwright_upstream_running')})", "{{upstream}} running"),
        ),
        lines(
            "Queues", COUNT,
            "Calls that wait for a place, and lists that a new one would have to wait for.",
            Query(f"sum by (upstream) ({AT.of('listwright_upstream_waiting')})", "{{upstream}} waiting"),
            Query(f"sum by (engine) ({HERE.of('listwright_engine_ahead')})", "ahead at {{engine}}"),
        ),
        lines(
            "Retries, and breakers that opened", A_SECOND,
            "`no_budget`: more calls failed than may be asked again, so the server is away, not one of its replicas.",
            Query(AT.rate("listwright_upstream_retries_total", "upstream, outcome"), "{{upstream}} {{outcome}}"),
            Query(AT.rate("listwright_breaker_opened_total", "upstream"), "{{upstream}} opened"),
        ),
    ],
)  # fmt: skip

READING: Final = Section(
    "Tokens of the models",
    [
        lines(
            "Tokens by kind", A_SECOND,
            "Read of prompts, spelled or written, forced among those, and gone through the embedded model. Prompts and what is spelled are the budget of a GPU.",
            Query(BY_MODEL.rate(PROMPTS), "prompts"),
            Query(BY_MODEL.rate(TOKENS), "spelled or written"),
            Query(BY_MODEL.rate(FORCED), "forced"),
            Query(BY_MODEL.rate(FORWARD), "through the embedded model"),
        ),
        lines(
            "Spelled or written, by model", A_SECOND,
            "Which model does the work.",
            Query(BY_MODEL.rate(TOKENS, "model"), "{{model}}"), stacked=True,
        ),
        lines(
            "Passes for each token", COUNT,
            "1 is a pass a token; forced runs read in one pass bring an embedded engine below.",
            Query(f"{BY_MODEL.rate(PASSES, 'model')} / {BY_MODEL.rate(TOKENS, 'model')}", "{{model}}"),
        ),
    ],
)  # fmt: skip

TIME: Final = Section(
    "Time",
    [
        lines(
            "Until the first token", SECONDS,
            "By work: mostly the reading of the prompt. Shorter histories or a warm prefix cache bring it down.",
            *(
                Query(
                    BY_MODEL.quantile(float(q), "listwright_engine_first_token_seconds", "work"),
                    f"{q} {{{{work}}}}",
                )
                for q in ENOUGH
            ),
        ),
        lines(
            "At work: p95 by model", SECONDS,
            "To `spell` a list, `write` a text, `weigh` candidates; waiting is not in it.",
            Query(BY_MODEL.quantile(0.95, "listwright_engine_seconds", "work, model"), "{{work}} {{model}}"),
        ),
        lines(
            "At work: side by side", COUNT,
            "Seconds of work in a second: how many works run at once on the average. At the limit of places, they queue.",
            Query(BY_MODEL.rate("listwright_engine_seconds_sum", "work, model"), "{{work}} {{model}}"),
            stacked=True,
        ),
    ],
)  # fmt: skip

VLLM: Final = Section(
    "vLLM, as it tells itself: empty until Prometheus may ask it",
    [
        lines(
            "Requests inside the server", COUNT,
            "Empty, as all of this row, until Prometheus reaches vLLM: deploy/README.md says what to open. Running and waiting inside the server. Waiting ones while the gateways' limit is not reached: somebody else asks it too.",
            Query("sum by (model_name) (vllm:num_requests_running)", "{{model_name}} running"),
            Query("sum by (model_name) (vllm:num_requests_waiting)", "{{model_name}} waiting"),
        ),
        lines(
            "KV cache in use", SHARE,
            "Near 1 it preempts: fewer lists at once, or more memory for the cache.",
            Query("max by (model_name) (vllm:kv_cache_usage_perc)", "{{model_name}}"),
            bounds={0.95: BAD},
        ),
        lines(
            "Tokens, of all clients", A_SECOND,
            "Prompts read, and what was generated.",
            Query("sum by (model_name) (rate(vllm:prompt_tokens_total[$__rate_interval]))", "{{model_name}} prompts"),
            Query("sum by (model_name) (rate(vllm:generation_tokens_total[$__rate_interval]))", "{{model_name}} generated"),
        ),
        lines(
            "Prefix cache hits", SHARE,
            "Tokens of prompts that need not be read. Near 0: prompts differ from their first words on, or the cache is full.",
            Query(
                "sum by (model_name) (rate(vllm:prefix_cache_hits_total[$__rate_interval]))"
                " / sum by (model_name) (rate(vllm:prefix_cache_queries_total[$__rate_interval]))",
                "{{model_name}}",
            ),
        ),
        lines(
            "vLLM's own first token: p95", SECONDS,
            "Its own figure beside the gateways': the difference is the network, and the queue in front of it.",
            Query(
                "histogram_quantile(0.95, sum by (model_name, le) (rate(vllm:time_to_first_token_seconds_bucket[$__rate_interval])))",
                "{{model_name}}",
            ),
        ),
        lines(
            "Preemptions", A_SECOND,
            "Requests put aside for want of cache, and read again later. More than a few: fewer lists at once.",
            Query("sum by (model_name) (rate(vllm:num_preemptions_total[$__rate_interval]))", "{{model_name}}"),
        ),
    ],
)  # fmt: skip

BOARD: Final = Board(
    uid="listwright-engines",
    title="engines",
    says="Servers, breakers, queues, tokens and seconds of the models. docs/overload.md says how the queues work.",
    choices=[
        Choice("instance", "listwright_build_info"),
        Choice("upstream", "listwright_upstream_limit"),
        Choice("model", "listwright_engine_tokens_total"),
    ],
    sections=[GLANCE, SERVERS, READING, TIME, VLLM],
)
