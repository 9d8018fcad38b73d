"""How things are said, to users and on terminals.

Whose line of theirs a warning names (`caller`), quoted names and safe text (`wording`), code that
errors advise (`remedies`), short reprs (`reprs`), the command's streams (`output`) and its end
where the package does not load (`start`). Imported by room, as each is a tool of its own. It knows
no other package.
"""
