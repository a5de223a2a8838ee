import sys

# nbformat imports jsonschema, and that a package which builds a grammar of web addresses: two seconds in
# every process, for a check of formats that notebooks do not have. jsonschema does without it, too.
sys.modules.setdefault("rfc3987_syntax", None)
