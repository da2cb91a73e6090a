"""One file a topic. Each has `measure(desk)` and says in its docstring what is timed, from where to where."""
