# METADATA
# title: Who may ask the contact register, and keep it
# description: |
#   Asked before anything of a person is read (schemas/krr-input.json): it depends on the caller and on whom it names. What of a person is told,
#   idporten.contacts says. Faults are named by what is required and not met, so that a missing or odd value is a fault.
# schemas:
#   - input: schema["krr-input"]
package idporten.krr

import data.tilgang.grants

# METADATA
# title: May the caller do this, and which fields is it told?
# description: |
#   Reasons come the most telling first; fields are parts of a person, in a fixed order, and none without leave. Without an instant in context.time
#   there is no answer.
# entrypoint: true
may_ask := {
	"allowed": count(_faults) == 0,
	"reasons": [slug | some slug in _precedence; slug in _faults],
	"fields": [field | count(_faults) == 0; some field in _fields; _gives(field)],
} if {
	grants.is_instant(input.context.time)
}

_precedence := [
	"caller_unknown",
	"action_unknown",
	"operator_needed",
	"machine_needed",
	"person_needed",
	"security_level_too_low",
	"scope_missing",
	"subject_foreign",
]

_fields := ["contact", "mailbox"]

_of_machines := {"person.list"}

_of_persons := {"person.read", "language.change"}

_of_operators := {"register.import", "register.show", "register.status", "mailbox-provider.put"}

_faults contains "caller_unknown" if not _is_known

_faults contains "action_unknown" if not _is_action

_faults contains "operator_needed" if {
	_is_operating
	not _is_operator
}

_faults contains "machine_needed" if {
	input.action.name in _of_machines
	not _is_machine
}

_faults contains "person_needed" if {
	input.action.name in _of_persons
	not _is_person
}

# The register is personal: whoever logged in weakly is not surely whom it is about.
_faults contains "security_level_too_low" if {
	_is_person
	not _is_sure
}

_faults contains "scope_missing" if {
	not _is_operating
	not _has_scope
}

# A person is told of oneself alone, whatever the request says.
_faults contains "subject_foreign" if {
	_is_person
	not _is_own
}

# Each condition has its own rule: an undefined reference under `not` would otherwise make the fault undefined too.
_is_known if input.caller.kind in {"machine", "person", "operator"}

_is_action if input.action.name in ((_of_machines | _of_persons) | _of_operators)

_is_operating if input.action.name in _of_operators

_is_sure if input.caller.acr in {"idporten-loa-substantial", "idporten-loa-high", "Level3", "Level4"}

_is_machine if input.caller.kind == "machine"

_is_person if input.caller.kind == "person"

_is_operator if input.caller.kind == "operator"

_is_own if {
	is_string(input.caller.brukerId)
	input.subjects == [input.caller.brukerId]
}

# Any scope of the register lets a caller look; which fields it sees, each scope says.
_has_scope if {
	input.action.name in {"person.list", "person.read"}
	some field in _fields
	_gives(field)
}

_has_scope if {
	input.action.name == "language.change"
	"krr:user/spraak.write" in input.caller.scopes
}

_gives(_) if _is_operator

_gives(field) if {
	some scope in _scopes[input.caller.kind][field]
	scope in input.caller.scopes
}

# The newer pair is that of suppliers, which is delegated.
_scopes := {
	"machine": {
		"contact": {"krr:global/kontaktinformasjon.read", "krr:global/kontaktinfo.read"},
		"mailbox": {"krr:global/digitalpost.read", "krr:global/postkasse.read"},
	},
	"person": {
		"contact": {"krr:user/kontaktinformasjon.read"},
		"mailbox": {"krr:user/digitalpost.read"},
	},
}
