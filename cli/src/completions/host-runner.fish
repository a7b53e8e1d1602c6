# Completion of host-runner for fish.

complete --keep-order --exclusive --command host-runner \
    --arguments '(HOST_RUNNER_COMPLETE=fish PROGRAM -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor))'
