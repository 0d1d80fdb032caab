# A rule for two is changed by two.
# While four eyes are asked for, whatever loosens the organisation's settings is asked for by one administrator and confirmed by another.
package tilgang.admin

import data.tilgang.grants

# Only what is plainly no looser is done by one.
_needs_two if {
	input.action.name == "settings.change"
	not _settings.fourEyes == false
	not _no_looser
} else := false

_no_looser if {
	is_boolean(_settings.fourEyes)
	input.asked.fourEyes == true
	_lasts_no_longer
}

_lasts_no_longer if not _has_longest

_lasts_no_longer if {
	is_number(input.asked.longestGrantDays)
	is_number(_settings.longestGrantDays)
	input.asked.longestGrantDays <= _settings.longestGrantDays
}

# Before it is told what is asked, there is nothing to confirm.
_is_asked if {
	_needs_two
	_ = input.asked
}

_met("second_person_missing") if not _is_asked

_met("second_person_missing") if {
	some administrator in input.staff
	_is_another(administrator.subject)
	_counts_as_one(administrator)
}

_met("not_one_of_two") if {
	input.action.name == "settings.change"
	not _is_asked
}

_met("not_one_of_two") if {
	some administrator in input.staff
	administrator.subject == input.caller.brukerId
	_counts_as_one(administrator)
}

_met("nothing_pending") if {
	grants.is_instant(input.pending.until)
	input.context.time < input.pending.until
}

# Whoever asked must still be one who may.
_met("asker_gone") if {
	some administrator in input.staff
	administrator.subject == input.pending.askedBy
	_counts_as_one(administrator)
}

_met("second_person_needed") if _is_another(input.pending.askedBy)

_is_another(subject) if {
	_is_text(subject)
	_is_text(input.caller.brukerId)
	subject != input.caller.brukerId
}

# In force, with no limit of any kind but an end, and not appointed for the occasion: else one appoints a second self, to ask or to confirm.
_counts_as_one(administrator) if {
	_is_in_force(administrator)
	"organisasjonsadministrator" in administrator.roles
	_limit(administrator, "applications") == null
	_limit(administrator, "mayGive") == null
	_is_settled(administrator)
}

_is_settled(administrator) if administrator.givenBy == "operator"

_is_settled(administrator) if {
	is_number(administrator.daysBefore)
	administrator.daysBefore >= 14
}
