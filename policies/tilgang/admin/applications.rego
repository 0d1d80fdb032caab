# Registering applications, and switching them on.
package tilgang.admin

# The logo is for everybody, once the application is out of its draft.

_logo_faults contains "application_unknown" if not _logo_public

_logo_public if {
	_application_known
	input.application.state in {"active", "retired"}
}

_act_faults contains "application_unknown" if {
	_concerns_application
	not _application_known
}

_act_faults contains "application_foreign" if {
	_concerns_application
	_application_known
	not _application_reachable
}

_act_faults contains "application_outside" if {
	_concerns_application
	_application_reachable
	_may_act
	not _application_covered
}

# What is about all applications, or about a new one, is within no limit.
_act_faults contains "application_outside" if {
	input.action.name in {
		"application.register",
		"policy-key.put",
		"policy-key.revoke",
		"settings.change",
		"settings.confirm",
		"settings.reject",
	}
	_may_act
	not _applications == null
}

# Only a plain false is a no.
_concerns_application if not input.concernsApplication == false

_concerns_application if _required_of_application[input.action.name]

_application_known if {
	is_string(input.application.id)
	_is_shown
}

# A draft is nobody's but its tilbyder's; the tilbyder's side has its own word for what is foreign.
_is_shown if input.application.state in {"active", "retired"}

_is_shown if _is_own

_is_shown if _row == "registering"

_is_shown if _is_operator

_is_own if input.application.tilbyder == input.organisation.orgnr

# Known, and not somebody else's: a foreign application shows nothing but that.
_application_reachable if {
	_application_known
	not _row == "registering"
}

_application_reachable if {
	_application_known
	_is_own
}

_application_covered if count(_covering({input.application.id})) > 0

# Each of the candidates: an application that is offered to a konsument, or that somebody has named.

_shown := [_is_candidate_shown(candidate) | some candidate in input.candidates]

_is_candidate_shown(candidate) if {
	_may_see(candidate)
} else := false

# A list of offers: what is switched on, and what could be.
_may_see(candidate) if {
	input.action.name == "offer.list"
	candidate.activated == true
}

_may_see(candidate) if candidate.state == "active"

_may_see(candidate) if {
	not input.action.name == "offer.list"
	candidate.state == "retired"
}

_may_see(candidate) if {
	not input.action.name == "offer.list"
	candidate.state == "draft"
	_is_drafters(candidate)
}

_is_drafters(candidate) if candidate.tilbyder == input.organisation.orgnr

_is_drafters(_) if _is_operator

# A trial is about nobody: only a person of a test population may be named.
_met("person_not_synthetic") if input.subject.synthetic == true

_met("application_not_active") if input.application.state == "active"

_met("application_retired") if input.application.state in {"draft", "active"}

_met("transition_not_allowed") if not _moves

_met("transition_not_allowed") if input.action.to in _transitions[input.application.state]

_moves if _ = input.action.to

_transitions := {
	"draft": {"draft", "active", "retired"},
	"active": {"active", "retired"},
	"retired": {"retired"},
}
