# METADATA
# title: Which roles grants give at one moment
# description: For lists of grants, each with its application; built on data.tilgang.grants, so that a list agrees with a decision.
# schemas:
#   - input: schema["held-input"]
package tilgang.held

import data.tilgang.grants

# METADATA
# title: The roles each item's grant gives, and why not all of them
# description: One {roles, hindrances} for each of input.items, in order. No answer without an instant in context.time, or if items is no list.
# entrypoint: true
roles := [_answer(item, _held(item)) | some item in input.items] if {
	grants.is_instant(input.context.time)
	is_array(input.items)
}

_answer(item, held) := {"roles": sort(held), "hindrances": sort(_grant_faults(item, held) | _application_faults(item))}

_held(item) := {role |
	item.application.state == "active"
	some role in item.grant.roles
	role in item.application.roles
	grants.covers(item.grant, role, input.context.time)
}

# A grant that gives any role has no other fault; the roles themselves are judged with the application, hence none is asked about.
_grant_faults(item, held) := set() if {
	count(held) > 0
} else := grants.faults(_grant(item), null, input.context.time) - {"role_missing"}

# A missing grant has the faults of an empty one: an undefined argument would drop the item from the list.
_grant(item) := grant if {
	grant := item.grant
} else := {}

_application_faults(item) := {slug | some slug in {"application_not_active", "role_missing"}; not _met(slug, item)}

_met("application_not_active", item) if item.application.state == "active"

_met("role_missing", item) if {
	is_array(item.grant.roles)
	count({role | some role in item.grant.roles} - {role | some role in item.application.roles}) == 0
}
