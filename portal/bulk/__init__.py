"""The CSV engine: a file of changes, checked without asking anybody, shown, run, and told of.

`kinds` is what a domain declares, `intake` takes a file, `checking` compares it with what holds,
`running` carries it out as one group of jobs, `results` writes what became of each line, `undo`
makes the upload that takes another one back. docs/csv.md is for people, docs/adr/0011 says why.
"""
