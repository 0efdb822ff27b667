"""The demo world (示例): people, bodies and cases, built through the same actions that the pages use."""
