# Appointing, changing and removing administrators.
package tilgang.admin

import data.tilgang.grants

# What an administrator is to become, and what one is that is to be changed or removed: both within the caller's own reach.
_act_faults contains slug if {
	_row == "appointing"
	_may_act
	some name in _compared
	asked := input[name]
	slug := _chain_fault(_covering(_limit(asked, "applications")), _limit(asked, "mayGive"), _until(asked))
}

_compared := {"administrator"} if {
	input.action.name == "administrator.appoint"
} else := {"administrator", "held"}

# How the assignment stands that is to be appointed anew, changed or removed.
_held := null if {
	not _has_held
} else := "over" if {
	_is_over(input.held)
} else := "open" if {
	_is_operator
} else := "standing"

_has_held if _ = input.held

_is_over(assignment) if grants.withdrawn(assignment)

_is_over(assignment) if {
	grants.is_instant(assignment.until)
	assignment.until <= input.context.time
}

_met("admin_role_unknown") if {
	is_array(input.administrator.roles)
	roles := {role | some role in input.administrator.roles}
	count(roles) > 0
	count(roles - {"applikasjonsadministrator", "organisasjonsadministrator", "tilgangsadministrator"}) == 0
}

_met("self_grant") if not _four_eyes

_met("self_grant") if _is_for_another(input.administrator)

# Afterwards somebody administers all of the organisation now, and for as long as somebody did before.
_met("last_administrator") if _last_end(input.remaining) >= _last_end(input.standing)

_last_end(assignments) := max({_until(assignment) |
	some assignment in assignments
	"organisasjonsadministrator" in assignment.roles
	_limit(assignment, "applications") == null
	_is_in_force(assignment)
})
