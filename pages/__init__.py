"""The screens, each a short script: open the page, draw, call one use case a gesture. No rule, no SQL."""
