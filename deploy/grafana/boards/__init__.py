"""The dashboards, as code: `python -m boards`, run in deploy/grafana, writes dashboards/*.json."""
