"""Whether customers are served: how much, how fast, by which road, and what is in the way."""

# ruff: noqa: E501 - what a panel says is one line
from __future__ import annotations

from typing import Final

from boards.board import Board, Choice, Section
from boards.panels import (
    A_SECOND,
    BAD,
    BYTES,
    COUNT,
    GOOD,
    POOR,
    REQUESTS,
    SECONDS,
    SHARE,
    Column,
    Query,
    figure,
    lines,
    rows,
)
from boards.queries import RATE, Chosen

HERE: Final = Chosen()
LISTS: Final = "listwright_lists_total"
REQUEST: Final = "listwright_requests_total"
RATIO: Final = "listwright_deadline_ratio"
IN_TIME: Final = 'le="1.0"'
OURS: Final = 'job="listwright"'
"""As deploy/prometheus names them: others have processes too."""
MADE: Final = 'route=~"/recommend|/answer"'


def in_time(by: str = "") -> str:
    """The share of what was made before its own deadline."""
    return f"{HERE.rate(f'{RATIO}_bucket', by, IN_TIME)} / {HERE.rate(f'{RATIO}_count', by)}"


GLANCE: Final = Section(
    "At a glance",
    [
        figure(
            "Lists a second", A_SECOND,
            "Lists handed out. None while requests come: see the errors below.",
            HERE.rate(LISTS), bounds={},
        ),
        figure(
            "In time", SHARE,
            "Lists and answers made before their own deadline. If it falls: 'Where the time goes', then the engines.",
            in_time(), first=BAD, bounds={0.95: POOR, 0.99: GOOD},
        ),
        figure(
            "Degraded", SHARE,
            "Lists that were to be a model's, and are the retrievers'. The promise holds; the engines dashboard says why.",
            HERE.share(LISTS, 'degraded="true"'), bounds={0.05: POOR, 0.2: BAD},
        ),
        figure(
            "Faults of ours", SHARE,
            "Requests answered with a 5xx. The line of the request in the log has the code of its error.",
            HERE.share(REQUEST, 'status=~"5.."'), bounds={0.001: POOR, 0.01: BAD},
        ),
        figure(
            "Turned away", A_SECOND,
            "Load that was shed, by whichever reason. If it lasts, there are too few gateways or engines.",
            HERE.rate("listwright_shed_total"), bounds={0.1: POOR, 10: BAD},
        ),
        figure(
            "Gateways", COUNT,
            "Gateways that Prometheus hears of. Fewer than you run: look at the one that is missing.",
            f"count({HERE.of('listwright_build_info')})", first=BAD, bounds={1: GOOD},
        ),
    ],
)  # fmt: skip

TRAFFIC: Final = Section(
    "Traffic",
    [
        lines(
            "Requests by route", REQUESTS,
            "What is asked. `other` is what is no route: somebody guesses paths, or has an old client.",
            Query(HERE.rate(REQUEST, "route"), "{{route}}"), stacked=True,
        ),
        lines(
            "Requests not answered as asked", REQUESTS,
            "4xx is what clients send: 429 their rate, 422 a request that cannot be. 5xx is ours: 503 overload or Redis, 500 a fault to report.",
            Query(HERE.rate(REQUEST, "route, status", 'status!~"2.."'), "{{status}} {{route}}"),
        ),
        lines(
            "Load turned away", A_SECOND,
            "By reason: `rate_limit` is a key's own; `gateway_busy` wants more gateways; `connections` more open files; `engine_busy` and `engine_late` more engines, or shorter queues.",
            Query(HERE.rate("listwright_shed_total", "reason"), "{{reason}}"), stacked=True,
        ),
        lines(
            "In flight", COUNT,
            "Requests being answered, and how many are let in at once. At the limit others get a 503.",
            Query(f"sum by (route) ({HERE.of('listwright_requests_running')})", "{{route}}"),
            Query(f"sum({HERE.of('listwright_gateway_running')})", "let in"),
            Query(f"sum({HERE.of('listwright_gateway_limit')})", "limit"),
        ),
        lines(
            "Events", A_SECOND,
            "What shops tell of their users. `known` came twice, `late` is older than what is kept. None: the shop has stopped telling.",
            Query(HERE.rate("listwright_events_total", "outcome"), "{{outcome}}"), stacked=True,
        ),
        lines(
            "Feedback", A_SECOND,
            "What became of listed items. Without it the experiments dashboard is empty.",
            Query(HERE.rate("listwright_feedback_total", "kind"), "{{kind}}"),
        ),
    ],
)  # fmt: skip

LATENCY: Final = Section(
    "Latency",
    [
        lines(
            "How long lists and answers take", SECONDS,
            "Until the last byte. Read it beside the deadline: requests bring their own.",
            *(
                Query(
                    f"histogram_quantile({q}, sum by (route, le)"
                    f" (rate({HERE.of('listwright_request_seconds_bucket', MADE)}[{RATE}])))",
                    f"p{q * 100:.0f} {{{{route}}}}",
                )
                for q in (0.5, 0.95, 0.99)
            ),
        ),
        lines(
            "How much of the deadline is taken", SHARE,
            "1 is all of it. p99 near 1 with p50 far below: the slowest are cut short, and completed by the retrievers.",
            *(
                Query(HERE.quantile(q, RATIO, "made"), f"p{q * 100:.0f} {{{{made}}}}")
                for q in (0.5, 0.95, 0.99)
            ),
            bounds={1.0: BAD},
        ),
        lines(
            "Made in time", SHARE,
            "The share below its own deadline; the objective is 99%. The alerts count what was over by more than a twentieth.",
            Query(in_time("made"), "{{made}}"),
        ),
        lines(
            "Where the time goes: p95 of each stage", SECONDS,
            "The stages of the pipeline. `draft` is the engine; `history` and `receipt` ask Redis; `candidates` takes processor time.",
            Query(HERE.quantile(0.95, "listwright_stage_seconds", "stage"), "{{stage}}"), width=16,
        ),
        lines(
            "Lists by path: p95", SECONDS,
            "From the request until the list was validated. `ranked` as slow as `llm` means that a model was waited for in vain.",
            Query(HERE.quantile(0.95, "listwright_list_seconds", "path"), "{{path}}"),
        ),
    ],
)  # fmt: skip

ROADS: Final = Section(
    "How lists came about",
    [
        lines(
            "Lists by path", A_SECOND,
            "`llm` a model's, `ranked` the retrievers', `popular` neither. From `llm` to `ranked`: the engine is away, full or late.",
            Query(HERE.rate(LISTS, "path"), "{{path}}"), stacked=True,
        ),
        lines(
            "Lists by origin", A_SECOND,
            "`made` anew, `kept` from before, `shared` with others who asked the same at that moment.",
            Query(HERE.rate(LISTS, "origin"), "{{origin}}"), stacked=True,
        ),
        lines(
            "Degraded share", SHARE,
            "Of lists by strategy, and of answers: what was a model's to make and was not.",
            Query(HERE.share(LISTS, 'degraded="true"', "strategy"), "{{strategy}}"),
            Query(HERE.share("listwright_answers_total", 'degraded="true"'), "answers"),
            bounds={0.2: BAD},
        ),
        lines(
            "Parts done without", A_SECOND,
            "What was late or failed, by the class of its error: engine, retrievers, caches, exposures, supplements.",
            Query(HERE.rate("listwright_left_out_total", "part, error"), "{{part}}: {{error}}"),
            width=16,
        ),
        lines(
            "Cache hits", SHARE,
            "The share of look-ups that found something of use. Lists that are never asked twice have none, and need none.",
            Query(
                HERE.share("listwright_cache_total", 'outcome="hit"', "cache"), "{{cache}}"
            ),
        ),
    ],
)  # fmt: skip

STORE: Final = Section(
    "Redis",
    [
        lines(
            "Calls: p99", SECONDS,
            "By operation. Beyond LISTWRIGHT_STORE__TIMEOUT_MS a call fails: look at Redis' own load and at the network.",
            Query(HERE.quantile(0.99, "listwright_store_seconds", "operation"), "{{operation}}"),
        ),
        lines(
            "Calls that failed", A_SECOND,
            "Of `history` and `record`, requests were refused; of the others, something was done without. Is Redis up, and not full?",
            Query(HERE.rate("listwright_store_faults_total", "operation, error"), "{{operation}}: {{error}}"),
        ),
        lines(
            "Round trips for each list", COUNT,
            "/recommend makes two at most; events, feedback and a look each second at the catalogue are in it too.",
            Query(f"{HERE.rate('listwright_store_trips_total')} / {HERE.rate(LISTS)}", "trips"),
        ),
    ],
)  # fmt: skip

RUNS: Final = Section(
    "What runs",
    [
        rows(
            "Versions", "Version and kind of engine of each. Two versions for long: a rollout has stuck.",
            Column("up", COUNT, f"sum by (instance, version, engine) ({HERE.of('listwright_build_info')})"),
            width=8,
        ),
        rows(
            "Catalogues", "Items by version. Two versions for longer than a switch: /readyz of the gateways that lag says why.",
            Column("items", COUNT, f"max by (version) ({HERE.of('listwright_catalogue_items')})"),
            Column("gateways", COUNT, f"count by (version) ({HERE.of('listwright_catalogue_items')})"),
            width=8,
        ),
        lines(
            "Parts that could not follow", COUNT,
            "1 as long as a catalogue, a keys' file or a ranker that was published last cannot be used; /readyz says why.",
            Query(f"sum by (part) ({HERE.of('listwright_trouble')})", "{{part}}"),
            Query(f"sum({HERE.of('listwright_ranker_trouble')})", "ranker"),
        ),
        lines(
            "Processor time", COUNT,
            "Cores each gateway takes; one process keeps hardly more than one busy. At one for long: add gateways.",
            Query(f"rate({HERE.of('process_cpu_seconds_total', OURS)}[{RATE}])", "{{instance}}"),
        ),
        lines(
            "Memory", BYTES, "Resident, mapped catalogues among it. Steady growth over days: report it.",
            Query(HERE.of("process_resident_memory_bytes", OURS), "{{instance}}"),
        ),
        lines(
            "Open files", COUNT, "Connections are files too. Near the limit, new ones are refused.",
            Query(HERE.of("process_open_fds", OURS), "{{instance}}"),
            Query(f"min({HERE.of('process_max_fds', OURS)})", "limit"),
        ),
    ],
)  # fmt: skip

BOARD: Final = Board(
    uid="listwright-overview",
    title="overview",
    says="Whether customers are served, how fast and by which road. docs/watching.md says what each metric is.",
    choices=[Choice("instance", "listwright_build_info")],
    sections=[GLANCE, TRAFFIC, LATENCY, ROADS, STORE, RUNS],
)
