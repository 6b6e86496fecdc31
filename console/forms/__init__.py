"""Forms made from the commands' own models: what to ask, how to read the answer, and what would come of it.

`shape` turns a model into fields, `labels` names them, `choices` offers what exists in the case, `reading` reads what
was posted, `faults` says what is wrong with it, `foresee` rules on it without saying it, `steps` orders the action bar.
"""
