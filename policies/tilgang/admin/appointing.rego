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
	count(roles - _admin_roles) == 0
}

_admin_roles := {
	"applikasjonsadministrator",
	"klientadministrator",
	"organisasjonsadministrator",
	"tilgangsadministrator",
	"tilgangsstyrer",
}

_met("self_grant") if not _four_eyes

_met("self_grant") if _is_for_another(input.administrator)

# Whenever somebody could undo everything from now on, somebody still can: one with no limit of any kind. A span is when such a one is in force;
# what is true at its bounds is true between them.
_met("last_administrator") if {
	is_array(input.remaining)
	is_array(input.standing)
	every assignment in input.standing {
		_is_plain(assignment)
	}
	every moment in _moments {
		_stays_administered(moment)
	}
}

# Said to whoever may do so all the same.
_strands if {
	is_array(input.remaining)
	is_array(input.standing)
	not _met("last_administrator")
} else := false

_moments := {input.context.time} | {moment |
	some span in (_standing_spans | _remaining_spans)
	some moment in span
	moment > input.context.time
}

_stays_administered(moment) if _is_within_some(_remaining_spans, moment)

_stays_administered(moment) if not _is_within_some(_standing_spans, moment)

_standing_spans := _spans(input.standing)

_remaining_spans := _spans(input.remaining)

_is_within_some(spans, moment) if {
	some [from, until] in spans
	from <= moment
	moment < until
}

_spans(assignments) := {[from, until] |
	some assignment in assignments
	"organisasjonsadministrator" in assignment.roles
	_limit(assignment, "applications") == null
	_limit(assignment, "mayGive") == null
	not grants.withdrawn(assignment)
	from := _from(assignment)
	until := _until(assignment)
	is_string(from)
	is_string(until)
}

_from(thing) := thing.from if {
	grants.is_instant(thing.from)
} else := false if {
	_ = thing.from
} else := ""

# Of an odd shape it could count as limited, or ended, and not be missed.
_is_plain(assignment) if {
	is_array(assignment.roles)
	every role in assignment.roles {
		role in _admin_roles
	}
	_limit(assignment, "applications") != false
	_limit(assignment, "mayGive") != false
	_from(assignment) != false
	_until(assignment) != false
	not _is_oddly_withdrawn(assignment)
}

_is_oddly_withdrawn(assignment) if {
	grants.withdrawn(assignment)
	not _is_plainly_withdrawn(assignment)
}

_is_plainly_withdrawn(assignment) if {
	is_string(assignment.withdrawn.at)
	is_string(assignment.withdrawn.by)
}
