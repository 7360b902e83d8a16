"""The benchmark: `make bench`. What each figure means stands in docs/benchmarks.md."""
