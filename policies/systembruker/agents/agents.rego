# METADATA
# title: Whom an agent may act for
# description: |
#   An agent acts for clients of its owner (schemas/systembruker-agents-input.json), each of which must have given every package that the agent has; for the owner itself
#   if an organisation may give itself every one of them.
# schemas:
#   - input: schema["systembruker-agents-input"]
package systembruker.agents

import data.systembruker.relations
import data.tilgang.grants

# METADATA
# title: How each candidate stands to the agent
# description: >-
#   In the order of the candidates: which packages it has given, which of the agent's are missing, why it may not be added (the most telling reason first), and whether the
#   agent acts for it now. Without an instant in context.time there is no answer.
# entrypoint: true
clients := [_standing(candidate) | some candidate in input.candidates] if {
	is_array(input.candidates)
	is_array(input.packages)
	grants.is_instant(input.context.time)
}

_standing(candidate) := {
	"given": sort(_given(candidate)),
	"missing": sort(_missing(candidate)),
	"reasons": _reasons(candidate),
	"acts": _acts(candidate),
}

# As the client's own organisation it has what it may give itself.
_given(candidate) := {name | some name in input.assignable} if candidate.client == input.provider

else := {name |
	some relation in candidate.relations
	some name in relation.packages
	grants.lasting(relation, input.context.time)
}

_missing(candidate) := {name | some name in input.packages; not name in _given(candidate)}

_reasons(candidate) := ["package_not_assignable"] if {
	candidate.client == input.provider
	count(_missing(candidate)) > 0
} else := ["client_unknown"] if {
	not candidate.client == input.provider
	count(_given(candidate)) == 0
} else := ["package_missing"] if {
	count(_missing(candidate)) > 0
} else := []

_acts(candidate) if {
	count(input.packages) > 0
	grants.is_instant(candidate.since)
	every name in input.packages { _lasts(candidate, name) }
} else := false

_lasts(candidate, name) if {
	candidate.client == input.provider
	name in input.assignable
}

_lasts(candidate, name) if {
	not candidate.client == input.provider
	relations.gives(candidate.relations, name, input.context.time, candidate.since)
}
