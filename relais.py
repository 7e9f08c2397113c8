"""`python -m relais …`, the same as the command `relais`.

This module also marks the project's root: Streamlit looks for a distribution's component manifest beside the module of
its name, and so finds pyproject.toml here, in an editable install too.
"""

from lib.cli import main

if __name__ == "__main__":
    main()
