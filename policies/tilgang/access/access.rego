# METADATA
# title: Who may use an application, and for which organisations
# description: |
#   may_ask settles the caller's right, from the caller and the application alone. The two questions about the person are asked after
#   it and do not know who asks: search and evaluate, over one input document (schemas/access-input.json), both built on
#   data.tilgang.grants.covers, so that they agree. Without an instant in context.time, or with grants that are no list, neither has
#   an answer: whoever asks gets an error, not a shortened list.
# schemas:
#   - input: schema["access-input"]
package tilgang.access

import data.tilgang.callers
import data.tilgang.grants

# METADATA
# title: May the caller ask about the application?
# description: |
#   reasons is empty, or says why not, the most telling first. An application that is not in use may be asked about: nobody has it.
# entrypoint: true
# schemas:
#   - input: schema["may-ask-input"]
may_ask := {"allowed": true, "reasons": []} if {
	callers.allowed
} else := {"allowed": false, "reasons": callers.reasons}

# METADATA
# title: For which organisations may the subject use the application?
# description: |
#   Their organisation numbers in the order of the grants. There is one grant at most for a konsument, and documents keep them in
#   order: so each stands there once and nothing is sorted here. Empty unless the application is in use and knows the role.
#   Every request asks it: the conditions that evaluate has rules for stand in its body, since a rule of its own is dearer in WebAssembly.
# entrypoint: true
search := [grant.konsument |
	input.application.state == "active"
	role := input.action.name
	role in input.application.roles
	time := input.context.time
	some grant in input.grants
	grants.covers(grant, role, time)
] if {
	grants.is_instant(input.context.time)
	is_array(input.grants)
}

# METADATA
# title: May the subject use the application for this organisation?
# description: reasons is ["granted"], or everything that stands in the way, in alphabetical order.
# entrypoint: true
evaluate := {"allowed": true, "reasons": ["granted"]} if {
	_answerable
	_role_offered
	some grant in input.grants
	grant.konsument == input.resource.id
	grants.covers(grant, input.action.name, input.context.time)
} else := {"allowed": false, "reasons": sort(_faults)} if {
	_answerable
}

_answerable if {
	grants.is_instant(input.context.time)
	is_array(input.grants)
}

# The application is in use and knows the role.
_role_offered if {
	_is_active
	_knows_role
}

_is_active if input.application.state == "active"

_knows_role if input.action.name in input.application.roles

_faults contains "application_not_active" if not _is_active

_faults contains "role_missing" if not _knows_role

_faults contains "grant_missing" if not _has_grant

# Of the organisation itself, where it is told: with and without a grant alike.
_faults contains "application_not_activated" if input.resource.activated == false

_faults contains "organisation_not_konsument" if input.resource.mayBeKonsument == false

_faults contains slug if {
	some grant in input.grants
	grant.konsument == input.resource.id
	some slug in grants.faults(grant, input.action.name, input.context.time)
}

_has_grant if {
	some grant in input.grants
	grant.konsument == input.resource.id
}
