"""Tools of the project itself: its environment, its locks and its drawn documentation. Never imported by what runs."""
