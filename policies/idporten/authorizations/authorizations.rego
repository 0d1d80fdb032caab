# METADATA
# title: Who may see and withdraw what persons have given, and see where they have logged in
# description: |
#   One question over one input document (schemas/idporten-authorizations-input.json). The person itself, on a page of ours (citizen) or by a client (person); and
#   machines of the organisations whose clients or scopes it is about. Faults are named by what is required and not met, and come in steps, each alone: what
#   depends on caller and act only, then the organisation, then the authorization. One of others is told by the same word as one that is not there.
# schemas:
#   - input: schema["idporten-authorizations-input"]
package idporten.authorizations

import data.tilgang.grants

# METADATA
# title: May the caller do this?
# description: Reasons come the most telling first. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"allowed": count(_reasons) == 0, "reasons": _by_precedence(_reasons)} if {
	grants.is_instant(input.context.time)
}

_reasons := {"action_unknown"} if {
	not _callers
} else := _caller_faults if {
	count(_caller_faults) > 0
} else := _organisation_faults if {
	count(_organisation_faults) > 0
} else := _object_faults

_by_precedence(slugs) := array.concat(
	[slug | some slug in _precedence; slug in slugs],
	sort(slugs - {slug | some slug in _precedence}),
)

_precedence := [
	"caller_unknown",
	"person_blocked",
	"security_level_too_low",
	"scope_missing",
	"supplier_unfit",
	"person_needed",
	"machine_needed",
	"organisation_unknown",
	"organisation_closed",
	"object_unknown",
]

# Who may, and by which scope if not on a page of ours.

_callers := {"citizen", "person"} if input.action.name in {"authorization.list", "login.list"}

_callers := {"machine"} if input.action.name == "authorization.look-up"

_callers := {"citizen", "machine", "person"} if input.action.name == "authorization.withdraw"

_callers := {"citizen"} if input.action.name == "authorization.history"

_scope := "idporten:user.log.read" if {
	input.action.name == "login.list"
} else := "idporten:authorizations"

_is_person if input.caller.kind in {"citizen", "person"}

_is_client if input.caller.kind in {"machine", "person"}

_caller_faults contains "caller_unknown" if {
	not _is_person
	not _is_client
}

_caller_faults contains "person_needed" if {
	input.caller.kind == "machine"
	not "machine" in _callers
}

_caller_faults contains "machine_needed" if {
	_is_person
	not input.caller.kind in _callers
}

_caller_faults contains "person_blocked" if {
	_is_person
	not _is_free
}

_is_free if input.person.blocked == false

_caller_faults contains "security_level_too_low" if {
	_is_person
	not _is_sure
}

_caller_faults contains "scope_missing" if {
	_is_client
	not _has_scope
}

# By themselves: what is negated where something is absent would be no fault.
_is_sure if input.caller.acr in {"idporten-loa-high", "idporten-loa-substantial", "Level3", "Level4"}

_has_scope if _scope in input.caller.scopes

# Of such a token the consumer has made no client: whoever acts for it says so by oneself (iss_onbehalfof).
_caller_faults contains "supplier_unfit" if {
	input.caller.kind == "machine"
	_ = input.caller.supplier
}

# A machine acts for its consumer, a person's client for whose it is.

_organisation_faults contains "organisation_unknown" if {
	_is_client
	not _has_organisation
}

_organisation_faults contains "organisation_closed" if {
	_is_client
	_has_organisation
	not input.organisation.closed == false
}

_has_organisation if is_string(input.organisation.orgnr)

_object_faults contains "object_unknown" if {
	input.action.name == "authorization.withdraw"
	not _is_known
}

_is_known if {
	input.caller.kind == "citizen"
	input.object.brukerId == input.caller.brukerId
}

_is_known if {
	input.caller.kind == "person"
	input.object.brukerId == input.caller.brukerId
	_has_part
}

_is_known if {
	input.caller.kind == "machine"
	_has_part
}

# Its client got it, or it is about a scope of its own.
_has_part if input.organisation.orgnr in input.object.parties
