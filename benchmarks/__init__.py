"""The figures of docs/benchmarks.md, measured as ratios against a floor in one run."""
