# METADATA
# title: What OPA's clients ask in their first example
# description: A bundle whose rules are asked by their paths, with whatever input its author likes; .manifest names them.
package authz

# METADATA
# title: May the subject do it?
# entrypoint: true
default allow := false

allow if input.subject == "alice"

# METADATA
# title: A greeting
# description: Undefined for an input without a subject.
# entrypoint: true
greeting := {"to": input.subject}
