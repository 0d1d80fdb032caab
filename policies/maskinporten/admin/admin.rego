# METADATA
# title: Who may keep scopes, accesses, delegations and clients
# description: |
#   One question over one input document (schemas/maskinporten-admin-input.json). Faults are named by what is required and not met, so
#   that a missing or odd value is a fault. They come in steps, each alone: what depends on caller and act only, then the organisation,
#   then whose it is that the act is about, then the state of that. acts.rego is the table of who may do what.
# schemas:
#   - input: schema["maskinporten-admin-input"]
package maskinporten.admin

import data.tilgang.grants

# METADATA
# title: May the caller do this for the organisation?
# description: Reasons come the most telling first. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"allowed": count(_reasons) == 0, "reasons": _by_precedence(_reasons)} if {
	grants.is_instant(input.context.time)
}

_reasons := {"action_unknown"} if {
	not _row
} else := set() if {
	_row == "open"
} else := _caller_faults if {
	count(_caller_faults) > 0
} else := _organisation_faults if {
	count(_organisation_faults) > 0
} else := _object_faults

_by_precedence(slugs) := array.concat(
	[slug | some slug in _precedence; slug in slugs],
	sort(slugs - {slug | some slug in _precedence}),
)

# Which of several reasons is told. One that stands nowhere here comes last.
_precedence := [
	"caller_unknown",
	"security_level_too_low",
	"scope_missing",
	"operator_needed",
	"supplier_unfit",
	"person_needed",
	"machine_needed",
	"organisation_unknown",
	"organisation_foreign",
	"role_missing",
	"organisation_closed",
	"terms_unsigned",
	"supplier_scope_missing",
	"client_of_supplier",
	"client_administers",
	"scope_unknown",
	"scope_not_delegated",
	"prefix_inactive",
	"scope_inactive",
	"recipient_closed",
]
